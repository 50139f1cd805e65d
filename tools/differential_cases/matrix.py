"""Products of matrices and determinants."""


from differential_cases.case import draws


def shapes_of_product(d):
    """Two shapes of MatMul, vectors and broadcast batches among them."""
    m, k, n = (d.extent(0.03) for _ in range(3))
    one, two = d.broadcast(2) if d.chance(0.6) else ((), ())
    one, two = one[-2:], two[-2:]
    a = (k,) if d.chance(0.1) and not one else (*one, m, k)
    b = (k,) if d.chance(0.1) and not two else (*two, k, n)
    return a, b


@draws("MatMul")
def matmul(d):
    """Exact products."""
    a, b = shapes_of_product(d)
    return d.case([d.tensor(0, a, "dyadic"), d.tensor(1, b, "dyadic")], atol=1e-6)


@draws("Gemm")
def gemm(d):
    """Transposed or not, scaled or not, with C of any shape that broadcasts."""
    m, k, n = d.extent(0.02), d.extent(0), d.extent(0.02)
    left, right = d.integer(0, 1), d.integer(0, 1)
    c = d.pick(((m, n), (n,), (1, n), (m, 1), (1, 1), ())) if d.version >= 7 else (m, n)
    inputs = [d.tensor(0, (k, m) if left else (m, k), "dyadic"), d.tensor(1, (n, k) if right else (k, n), "dyadic")]
    inputs.append(None if d.version >= 11 and d.chance(0.2) else d.tensor(2, c, "dyadic"))
    integers = inputs[0].dtype.kind in "iu"
    scales = {"alpha": 1.0, "beta": 1.0} if integers else {"alpha": d.pick((1.0, 0.5, 0.0, -2.0)), "beta": d.pick((1.0, 0.5, 0.0, 2.0))}
    given = {"transA": left} if left else {}
    return d.case(inputs, {**given, **({"transB": right} if right else {}), **d.attributes(**scales)}, atol=1e-6)


@draws("MatMulInteger")
def matmul_integer(d):
    """Zero points of the whole, of rows or of columns."""
    a, b = shapes_of_product(d)
    x, y = d.tensor(0, a, "any"), d.tensor(1, b, "any")
    za = None if d.chance(0.3) else d.tensor(0, (), "plain")
    zb = None if za is None or d.chance(0.3) else d.tensor(1, (b[-1],) if len(b) == 2 and d.chance(0.5) else (), "plain")
    return d.case([x, y, za, zb])


@draws("Einsum")
def einsum(d):
    """Equations of one to three operands; sizes by letter."""
    equation = d.pick(
        (
            "ij,jk->ik",
            "bij,bjk->bik",
            "ij->ji",
            "ii->i",
            "ij->",
            "i,j->ij",
            "bi,ij,bj->b",
            "...ij,...jk->...ik",
            "ij,jk",
            "bhqd,bhkd->bhqk",
            "ij,ij->ij",
            "ii->",
            "abc->cab",
            "i->",
            "ij,kj->ik",
            "...i->...",
            "bi,oi->bo",
            " i j , j -> i ",
        )
    )
    sizes = {letter: d.extent(0.02) for letter in "abcdhijkoq"}
    batch = d.shape(0, 2, 0)
    inputs = []
    for term in equation.split("->")[0].split(","):
        shape = [size for part in term.replace(" ", "").replace("...", ".") for size in (batch if part == "." else (sizes[part],))]
        inputs.append(d.tensor(0, tuple(shape), "dyadic"))
    return d.case(inputs, {"equation": equation}, atol=1e-6)


@draws("Det")
def det(d):
    """Batches of square matrices."""
    size = d.integer(1, 5)
    return d.case([d.tensor(0, (*d.shape(0, 2), size, size), "plain")], atol=1e-3)
