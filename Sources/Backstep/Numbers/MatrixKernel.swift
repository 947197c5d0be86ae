// Products of matrices: large ones by the system's BLAS, which is loaded when it pays, else our own.

import BackstepLanguage
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Multiplies matrices whose numbers lie row after row.
enum MatrixKernel {
  /// Writes the product of an m × k and a k × n matrix; either can be given transposed.
  ///
  /// After ^C the rest of it stays unwritten: see ``Interruption``.
  ///
  /// **Cost** m·k·n multiplications.
  static func multiply<T: Scalar>(
    _ m: Int, _ k: Int, _ n: Int, _ x: UnsafeMutablePointer<T>, transposesFirst: Bool = false,
    _ y: UnsafeMutablePointer<T>, transposesSecond: Bool = false,
    into out: UnsafeMutablePointer<T>
  ) {
    if T.self == Double.self, m * k * n >= BLAS.smallest, let blas = BLAS.loaded(for: m * k * n) {
      blas.multiply(
        m, k, n, UnsafeRawPointer(x).assumingMemoryBound(to: Double.self), transposesFirst,
        UnsafeRawPointer(y).assumingMemoryBound(to: Double.self), transposesSecond,
        UnsafeMutableRawPointer(out).assumingMemoryBound(to: Double.self))
      return
    }
    // Strides of x along m and k.
    let (xm, xk) = transposesFirst ? (1, m) : (k, 1)
    var watch = Watch()
    if transposesSecond {
      for i in 0..<m {
        if watch.isOver(after: k * n) { return }
        for j in 0..<n {
          var sum: T = 0
          for p in 0..<k { sum = sum + x[i * xm + p * xk] * y[j * k + p] }
          out[i * n + j] = sum
        }
      }
      return
    }
    for i in 0..<m {
      if watch.isOver(after: k * n) { return }
      let row = out + i * n
      row.update(repeating: 0, count: n)
      for p in 0..<k {
        let factor = x[i * xm + p * xk]
        let other = y + p * n
        for j in 0..<n { row[j] = row[j] + factor * other[j] }
      }
    }
  }
}

/// OpenBLAS on Linux, Accelerate on macOS, found when the program runs.
///
/// Loading it takes longer than a student's whole session, so that is done once the products so far
/// have cost as much as loading would: then no session pays more than twice what it had to.
struct BLAS: Sendable {
  /// Below so many multiplications a call costs more than it saves.
  static let smallest = 4096
  /// How many multiplications take as long as loading, roughly.
  private static let worthLoading = 20_000_000
  /// How many multiplications a single product has that is worth loading for at once.
  private static let worthAtOnce = 1_000_000

  /// How many multiplications one call makes at most, in some hundredths of a second.
  private static let tile = 1 << 28

  private typealias Multiply =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Double, UnsafePointer<Double>, Int32,
      UnsafePointer<Double>, Int32, Double, UnsafeMutablePointer<Double>, Int32
    ) -> Void
  private typealias SetThreads = @convention(c) (Int32) -> Void

  private let dgemm: Multiply

  /// The library, where it is there.
  private static let library: BLAS? = load()
  /// How many multiplications there have been; from `worthLoading` on the library is there.
  private static let done = Atomic(0)

  /// The library if it pays for a product of so many multiplications.
  static func loaded(for work: Int) -> BLAS? {
    let before = done.load(ordering: .relaxed)
    if before >= worthLoading { return library }
    let isWorthIt = work >= worthAtOnce
    done.store(isWorthIt ? worthLoading : before + work, ordering: .relaxed)
    return isWorthIt ? library : nil
  }

  /// Multiplies as ``MatrixKernel`` says.
  func multiply(
    _ m: Int, _ k: Int, _ n: Int, _ x: UnsafePointer<Double>, _ transposesFirst: Bool,
    _ y: UnsafePointer<Double>, _ transposesSecond: Bool, _ out: UnsafeMutablePointer<Double>
  ) {
    let rowMajor: Int32 = 101
    let plain: Int32 = 111
    let transposed: Int32 = 112
    // In tiles, as square as may be, with a look at whether to stop between them.
    let side = max(1, Int((Double(Self.tile) / Double(max(k, 1))).squareRoot()))
    let height = min(m, max(side, Self.tile / max(1, k * n)))
    let width = min(n, max(side, Self.tile / max(1, k * height)))
    for i in stride(from: 0, to: m, by: max(1, height)) {
      for j in stride(from: 0, to: n, by: max(1, width)) {
        if i + j > 0, Interruption.isRequested { return }
        dgemm(
          rowMajor, transposesFirst ? transposed : plain, transposesSecond ? transposed : plain,
          Int32(min(height, m - i)), Int32(min(width, n - j)), Int32(k), 1,
          x + (transposesFirst ? i : i * k), Int32(transposesFirst ? m : k),
          y + (transposesSecond ? j * k : j), Int32(transposesSecond ? k : n), 0,
          out + (i * n + j), Int32(n))
      }
    }
  }

  private static func load() -> BLAS? {
    #if canImport(Darwin)
    let names = ["/System/Library/Frameworks/Accelerate.framework/Accelerate"]
    #else
    let names = ["libopenblas.so.0", "libopenblas.so"]
    // One thread: products of a course's size are faster so, and the same in every run.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    #endif
    for name in names {
      guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL),
        let symbol = dlsym(handle, "cblas_dgemm")
      else { continue }
      if let threads = dlsym(handle, "openblas_set_num_threads") {
        unsafeBitCast(threads, to: SetThreads.self)(1)
      }
      return BLAS(dgemm: unsafeBitCast(symbol, to: Multiply.self))
    }
    return nil
  }
}
