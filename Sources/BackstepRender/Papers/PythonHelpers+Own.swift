// What JAX and NumPy need beyond the functions that scripts for all frameworks define, or do otherwise.

extension PythonHelper {
  /// Of a number that is none of the framework's own as well.
  private static let onehotOfAny = """
    def onehot(i, n):
        # i counts from 1.
        return 1.0*(xp.asarray(i)[..., None] == xp.arange(1, n + 1))
    """

  /// What JAX needs beyond, or does otherwise.
  var jaxDefinition: String? {
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
  var numpyDefinition: String? {
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
    case .erfc: "erfc = np.vectorize(math.erfc)"
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
