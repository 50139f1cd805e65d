#pragma once
#include <stddef.h>
#include <stdint.h>

// Pieces of Fourier transforms of ONYX_FOURIER_LANES signals side by side, in float64. A sequence of n complex numbers for each lane is two
// arrays, real and imaginary parts, of n * ONYX_FOURIER_LANES doubles: number k of lane l at k * ONYX_FOURIER_LANES + l.
enum { ONYX_FOURIER_LANES = 8 };

typedef struct {
  uint32_t isa;

  // One pass of Stockham's transform (Cooley and Tukey's with the order of the results sorted on the way; Van Loan 1992, 1.7) by the
  // radix r, from x to y, of r * m * s numbers: for p < m and q < s, the r numbers x[q + s * (p + j * m)] are transformed, result k is
  // multiplied by factor k of p, and written to y[q + s * (r * p + k)]. `factors` holds for each p the complex factors 1 ... r - 1,
  // `roots` the complex r-th roots of unity exp(-2 pi i j / r), which radices other than 2, 3, 4 and 5 read. r is at most 32.
  void (*pass)(double *y_real, double *y_imaginary, const double *x_real, const double *x_imaginary, int64_t r, int64_t m, int64_t s,
               const double *factors, const double *roots);

  // y[k] = x[k] * factors[k] for n complex factors, the same for all lanes. y may be x.
  void (*multiply)(double *y_real, double *y_imaginary, const double *x_real, const double *x_imaginary, int64_t n,
                   const double *factors);

  // The first half + 1 numbers of the spectrum of real signals of length 2 * half, from the spectrum z of the complex signals whose
  // real parts are the even and whose imaginary parts are the odd samples. `factors` holds exp(-pi i k / half) for k <= half.
  void (*split)(double *y_real, double *y_imaginary, const double *z_real, const double *z_imaginary, int64_t half,
                const double *factors);

  // The spectrum of one signal of 8 * m numbers, y of 8 * m numbers without lanes, from the spectra of the eight signals of every eighth
  // sample: lane l begins at sample l. `factors` holds for each k < m and each lane l the complex factor exp(-2 pi i k l / (8 m)).
  void (*join)(double *y_real, double *y_imaginary, const double *x_real, const double *x_imaginary, int64_t m, const double *factors);
} onyx_fourier_row;
