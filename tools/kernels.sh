# What scripts that build the C kernels without SwiftPM have in common; to be sourced in the top folder.

clang="$(command -v clang || true)"
if [ -z "$clang" ]; then clang="$(dirname "$(readlink -f "$(command -v swift)")")/clang"; fi
[ -x "$clang" ] || { echo "$0: clang is missing; it comes with the Swift toolchain." >&2; exit 1; }

# usage: kernel_objects FOLDER     the objects of the kernels in CKernels.build of a build, a line each
# Of the sources that there are: a build folder can hold objects of files that are gone.
kernel_objects() {
  find Sources/CKernels -name '*.c' | sed "s|^Sources/CKernels/\(.*\)|$1/\1.o|"
}
