// Functions that scripts define for themselves where a framework has none, or another convention.

/// What a script is written for.
enum PythonFramework: String {
  case torch, jax, numpy

  /// The name of the module with the functions of arrays.
  var module: String {
    switch self {
    case .torch: "torch"
    case .jax: "jnp"
    case .numpy: "np"
    }
  }

  /// Its name as people write it.
  var title: String {
    switch self {
    case .torch: "PyTorch"
    case .jax: "JAX"
    case .numpy: "NumPy"
    }
  }
}

/// A function that a script may define, by its name there.
enum PythonHelper: String, CaseIterable {
  case sigmoid, logsigmoid, softplus, relu, leaky_relu, elu, gelu, silu, erf, cbrt, xlogy
  case hypot, absolute, clamp, round_half_away
  case bce, bce_at_corners, bce_logits, mse, mae, huber, hinge
  case softmax, log_softmax, logsumexp, std, norm, onehot, cross_entropy
  case guarded, quotient, product_of_others, bce_slope

  /// What it calls of the others.
  func needs(_ framework: PythonFramework) -> [PythonHelper] {
    switch (self, framework) {
    case (.silu, .numpy): [.sigmoid]
    case (.gelu, .numpy): [.erf]
    case (.log_softmax, .numpy): [.logsumexp]
    case (.cross_entropy, .jax): [.onehot]
    case (.cross_entropy, .numpy): [.log_softmax, .logsumexp, .onehot]
    default: []
    }
  }

  /// The definition.
  func definition(_ framework: PythonFramework) -> String {
    let own = framework == .numpy ? numpyDefinition : framework == .jax ? jaxDefinition : nil
    return (own ?? commonDefinition).replacing("xp.", with: framework.module + ".")
  }

  /// The definition for every framework, with xp for its module.
  private var commonDefinition: String {
    switch self {
    case .softplus:
      """
      def softplus(x):
          return xp.logaddexp(x, xp.zeros_like(x))
      """
    case .leaky_relu:
      """
      def leaky_relu(x, slope):
          # At 0, a kink, the derivative is the slope closest to 0.
          at_kink = xp.where(slope < 0, 0.0, xp.where(slope > 1, 1.0, slope))
          return xp.where(x > 0, x, xp.where(x == 0, at_kink, slope)*x)
      """
    case .elu:
      """
      def elu(x, alpha):
          # At 0, a kink unless alpha is 1, the derivative is the slope closest to 0.
          at_kink = xp.where(alpha < 0, 0.0, xp.where(alpha > 1, 1.0, alpha))
          below = xp.where(x > 0, 0.0, x)  # so that nothing overflows
          return xp.where(x > 0, x, xp.where(x == 0, at_kink, alpha)*xp.expm1(below))
      """
    case .cbrt:
      """
      def cbrt(x):
          sign = xp.where(x < 0, -1.0, 1.0)
          return sign*(sign*x)**(1/3)
      """
    case .hypot:
      """
      def hypot(x, y):
          # At (0, 0), a kink, both derivatives are 0.
          origin = (x == 0) & (y == 0)
          length = xp.sqrt(xp.where(origin, 1.0, x)**2 + y**2)
          return xp.where(origin, 0.0, length)
      """
    case .clamp:
      """
      def clamp(x, lo, hi):
          # At a bound x counts as inside: its derivative is 1 there.
          raised = xp.where(x < lo, lo, x)
          return xp.where(raised > hi, hi, raised)
      """
    case .round_half_away:
      """
      def round_half_away(x):
          return xp.sign(x)*xp.floor(xp.abs(x) + 0.5)
      """
    case .mse:
      """
      def mse(a, y):
          return xp.mean((a - y)**2)
      """
    case .mae:
      """
      def mae(a, y):
          return xp.mean(xp.abs(a - y))
      """
    case .huber:
      """
      def huber(a, y, delta):
          rest = xp.abs(a - y)
          return xp.mean(xp.where(rest <= delta, (a - y)**2/2, delta*(rest - delta/2)))
      """
    case .bce:
      """
      def bce(a, y):
          return -xp.mean(y*xp.log(a) + (1 - y)*xp.log1p(-a))
      """
    case .bce_at_corners:
      """
      def bce_at_corners(a, y):
          # 0*log(0) counts as 0.
          right_0 = (a == 0) & (y == 0)
          right_1 = (a == 1) & (y == 1)
          log_a = xp.log(xp.where(right_0, 1.0, a))
          log_rest = xp.log1p(-xp.where(right_1, 0.0, a))
          loss = -(y*log_a + (1 - y)*log_rest)
          # What is left at the two corners: 1 - y at 0, y at 1.
          loss = xp.where(right_0, (1 - y)*a, xp.where(right_1, y*(1 - a), loss))
          return xp.mean(loss)
      """
    case .bce_logits:
      """
      def bce_logits(z, y):
          return xp.mean(xp.logaddexp(z, xp.zeros_like(z)) - z*y)
      """
    case .onehot:
      """
      def onehot(i, n):
          # i counts from 1.
          return 1.0*(i[..., None] == xp.arange(1, n + 1))
      """
    case .hinge:
      """
      def hinge(a, y):
          return xp.mean(xp.relu(1 - a*y))
      """
    case .guarded:
      """
      def guarded(x):
          # From a branch that is not taken nothing goes back, not even 0 times infinity.
          x = x.clone()
          if x.requires_grad:
              x.register_hook(lambda adjoint: torch.where(adjoint.isnan(), 0.0, adjoint))
          return x
      """
    default: ""
    }
  }

  /// Of a number that is none of the framework's own as well.
  private static let onehotOfAny = """
    def onehot(i, n):
        # i counts from 1.
        return 1.0*(xp.asarray(i)[..., None] == xp.arange(1, n + 1))
    """

  /// What JAX needs beyond, or does otherwise.
  private var jaxDefinition: String? {
    switch self {
    case .onehot: Self.onehotOfAny
    case .guarded:
      """
      @jax.custom_vjp
      def guarded(x):
          # From a branch that is not taken nothing goes back, not even 0 times infinity.
          return x


      guarded.defvjp(
          lambda x: (x, None),
          lambda _, adjoint: (jnp.where(jnp.isnan(adjoint), 0.0, adjoint),))
      """
    case .absolute:
      """
      def absolute(x):
          # At 0, a kink, JAX takes the slope 1 for abs; closest to 0 is 0.
          return x*jnp.sign(x)
      """
    case .mae:
      """
      def mae(a, y):
          # Where they are equal, a kink, JAX takes the slope 1 for abs; closest to 0 is 0.
          return jnp.mean((a - y)*jnp.sign(a - y))
      """
    case .std:
      """
      def std(x, axis=None):
          # Where all entries are equal, a kink, the derivatives are 0.
          variance = jnp.var(x, axis=axis)
          flat = variance == 0
          return jnp.where(flat, 0.0, jnp.sqrt(jnp.where(flat, 1.0, variance)))
      """
    case .norm:
      """
      def norm(x, axis=None):
          # At 0, a kink, the derivatives are 0.
          squares = jnp.sum(x**2, axis=axis)
          origin = squares == 0
          return jnp.where(origin, 0.0, jnp.sqrt(jnp.where(origin, 1.0, squares)))
      """
    case .hinge:
      """
      def hinge(a, y):
          return jnp.mean(jax.nn.relu(1 - a*y))
      """
    case .cross_entropy:
      """
      def cross_entropy(z, y):
          # y: an index from 1, an index for each row, or probabilities.
          log_p = jax.nn.log_softmax(z)
          if jnp.ndim(y) < jnp.ndim(z):
              y = onehot(y, z.shape[-1])
          return -jnp.mean(jnp.sum(y*log_p, axis=-1))
      """
    default: nil
    }
  }

  /// What NumPy needs beyond, or does otherwise.
  private var numpyDefinition: String? {
    switch self {
    case .onehot: Self.onehotOfAny
    case .sigmoid:
      """
      def sigmoid(x):
          return np.exp(-np.logaddexp(0.0, -x))  # 1/(1 + exp(-x)) without overflow
      """
    case .logsigmoid:
      """
      def logsigmoid(x):
          return -np.logaddexp(0.0, -x)
      """
    case .softplus:
      """
      def softplus(x):
          return np.logaddexp(0.0, x)  # log(1 + exp(x)) without overflow
      """
    case .relu:
      """
      def relu(x):
          return np.where(x > 0, x, 0.0)
      """
    case .leaky_relu:
      """
      def leaky_relu(x, slope):
          return np.where(x > 0, x, slope*x)
      """
    case .elu:
      """
      def elu(x, alpha):
          return np.where(x > 0, x, alpha*np.expm1(np.minimum(x, 0.0)))
      """
    case .gelu:
      """
      def gelu(x):
          return x*(1 + erf(x/np.sqrt(2)))/2
      """
    case .silu:
      """
      def silu(x):
          return x*sigmoid(x)
      """
    case .erf: "erf = np.vectorize(math.erf)"
    case .xlogy:
      """
      def xlogy(x, y):
          # 0*log(0) counts as 0.
          return np.where(x == 0, 0.0, x*np.log(np.where(x == 0, 1.0, y)))
      """
    case .hinge:
      """
      def hinge(a, y):
          return np.mean(np.maximum(1 - a*y, 0.0))
      """
    case .bce_at_corners:
      """
      def bce_at_corners(a, y):
          # 0*log(0) counts as 0.
          log_a = np.log(np.where(y == 0, 1.0, a))
          log_rest = np.log1p(-np.where(y == 1, 0.0, a))
          return np.mean(-(y*log_a + (1 - y)*log_rest))
      """
    case .bce_logits:
      """
      def bce_logits(z, y):
          return np.mean(np.logaddexp(0.0, z) - z*y)
      """
    case .logsumexp:
      """
      def logsumexp(x, axis=None, keepdims=False):
          largest = np.max(x, axis=axis, keepdims=True)  # so that nothing overflows
          total = largest + np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True))
          return total if keepdims else np.squeeze(total, axis=axis)
      """
    case .softmax:
      """
      def softmax(x, axis=-1):
          powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
          return powers/np.sum(powers, axis=axis, keepdims=True)
      """
    case .log_softmax:
      """
      def log_softmax(x, axis=-1):
          return x - logsumexp(x, axis=axis, keepdims=True)
      """
    case .norm:
      """
      def norm(x, axis=None):
          return np.sqrt(np.sum(x**2, axis=axis))
      """
    case .cross_entropy:
      """
      def cross_entropy(z, y):
          # y: an index from 1, an index for each row, or probabilities.
          if np.ndim(y) < np.ndim(z):
              y = onehot(y, z.shape[-1])
          return -np.mean(np.sum(y*log_softmax(z), axis=-1))
      """
    case .guarded:
      """
      def guarded(adjoint, local):
          # From a branch that is not taken nothing goes back, not even 0 times infinity.
          return np.where(adjoint == 0, 0.0, adjoint*local)
      """
    case .quotient:
      """
      def quotient(x, y):
          # x/y, but 0 where y is 0: at a kink the derivative is taken as 0.
          return np.where(y == 0, 0.0, x/np.where(y == 0, 1.0, y))
      """
    case .product_of_others:
      """
      def product_of_others(x):
          # For each entry the product of all others, also where one is 0.
          entries = np.ravel(x)
          return np.reshape([np.prod(np.delete(entries, i)) for i in range(entries.size)], np.shape(x))
      """
    case .bce_slope:
      """
      def bce_slope(a, y):
          # (a - y)/(a*(1 - a)), where 0/0 leaves 1 for a = y = 0, and -1 for a = y = 1.
          corner = ((a == 0) & (y == 0)) | ((a == 1) & (y == 1))
          inside = np.where(corner, 0.5, a)
          return np.where(corner, 1 - 2*a, (a - y)/(inside*(1 - inside)))
      """
    default: nil
    }
  }
}

/// The helper functions that a script turns out to need.
final class PythonHelperList {
  private(set) var used: Set<PythonHelper> = []

  /// Notes that a function is called, and returns its name.
  func use(_ helper: PythonHelper) -> String {
    used.insert(helper)
    return helper.rawValue
  }

  /// The definitions, each after those it needs, in the order of the list.
  func definitions(_ framework: PythonFramework) -> [String] {
    var all = used
    for helper in used { all.formUnion(helper.needs(framework)) }
    var written: [PythonHelper] = []
    var rest = PythonHelper.allCases.filter(all.contains)
    while !rest.isEmpty {
      let ready = rest.filter { helper in
        helper.needs(framework).allSatisfy { !rest.contains($0) || $0 == helper }
      }
      guard !ready.isEmpty else { break }
      written += ready
      rest.removeAll(where: ready.contains)
    }
    return written.map { $0.definition(framework) }
  }
}
