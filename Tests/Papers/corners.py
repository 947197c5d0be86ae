"""Programs at kinks and other edges, with seeds, entries, and names that Python does not take.

Each is definitions, and what is exported of them: E with its clauses.
"""

PROGRAMS = [
    # Kinks: where frameworks have conventions of their own.
    ("x = 0; y = 0; f = abs(x) + relu(x) + hypot(x, y) + leaky_relu(x, 0.2) + elu(x, 2)", ["f"]),
    ("x = 0; f = leaky_relu(x, -0.5) + leaky_relu(x, 1.5) + elu(x, -1) + elu(x)", ["f"]),
    ("x = 1; y = 1; f = max(x, y) + 2*min(x, y) + mae(x, y) + hinge(x, y) + huber(x, y)", ["f"]),
    ("x = 0.5; a = 0.5; b = 0.5; f = clamp(x, a, 2) + clamp(x, -1, b) + clamp(x, 1, 0)", ["f"]),
    ("A = [[1, 3], [3, 3]]; f = max(A) + 2*min(A) + sum(max(A, axis=1))", ["f"]),
    ("A = [[0, 0], [0, 0]]; f = norm(A) + sum(norm(A, axis=2)) + std(A) + sum(std(A, axis=1))", ["f"]),
    ("x = [0, 2, 0]; f = prod(x); g = prod([[0, 2], [3, 4]]*x[2], axis=2)[1]", ["f", "g"]),
    ("x = [[0, 2], [3, 4]]; f = sum(prod(x, axis=2)) + sum(prod(x, axis=1))", ["f"]),
    ("a = [0, 1, 0.5]; const y = [0, 1, 1]; f = bce(a, y)", ["f"]),
    ("x = [0, 0, 2]; n = [2, 1, 3]; f = sum(x^n) + sum(hypot(x, [0, 1, 2]))", ["f"]),
    ("x = 0; f = x^2 + x^1 + x^3; g = xlogy(x, 2) + cbrt(x + 8) + x^0", ["f", "g"]),
    ("x = 2.5; f = round(x) + round(-x)*x + floor(x)*x + ceil(x) + sign(x)", ["f"]),
    # Nothing but steps.
    ("x = 2.5; y = 1; f = (x > y)*1; g = argmax([x, y]) + onehot(x - 0.5, 3)[2]", ["f", "g"]),
    ("const x = 2; f = x^2; w = 3; g = w*f + 4; h = 2*3 + 1", ["f", "g", "h"]),
    # Infinite, and not a number.
    ("x = 0; f = sqrt(x); g = log(x) + 1/x; h = x^0.5; k = (-8)^(1/3)*x", ["f", "g", "h", "k"]),
    ("x = 1e200; f = x^2; g = exp(x)", ["f", "g"]),
    ("x = [4, -1]; f = sum(sqrt(x))", ["f"]),
    # where: what is not taken gets nothing back.
    ("x = -1; f = where(x > 0, sqrt(x), x^2)", ["f"]),
    ("x = [1, -1]; y = 3; f = sum(where(x > 0, x*y, y^2))", ["f"]),
    ("x = [4, -1, 0]; f = sum(where(x > 0, sqrt(x), x^2)) + sum(where(x != 0, 1/x, 0))", ["f"]),
    ("x = [[4, -1]]; y = [2]; f = sum(where(x > 0, log(x*y), 3*x)*y)", ["f"]),
    ("c = 0; a = 2; b = 3; f = where(c, a, b)*where(1, a, b)", ["f"]),
    # Seeds, and derivatives along formulas and single entries.
    ("W = [[1, 2], [3, 4]]; z = W @ [0.5, -1]", ["z seed [1, -2]", "z wrt W[2,1] seed [1, 1]"]),
    ("x = 2; f = x^3", ["f seed 0.5", "x^2 + f"]),
    ("w = 2; z = w*3; a = sin(z); L = a*z + w", ["L wrt z", "L wrt z, w, a", "L wrt L"]),
    ("w = [1, 2]; q = 7; z = exp(w); L = sum(z*z)", ["L wrt z[2], w", "L wrt q, w"]),
    ("x = 2; z = x; L = z*x", ["L wrt z, x"]),
    ("w = 3; L = w^2; u = dL/dw; v = 2; M = u*v", ["M wrt v"]),
    # Indices from 1, axes from 1, every layout.
    ("A = [[1, 2, 3], [4, 5, 6]]; f = A[1, 3]*A[2, 1] + sum(A[:, 2:3]*A[1, 1:2]) + sum(A[2])", ["f"]),
    ("A = [[1, 2], [3, 4]]; B = [[5, 6]]; f = sum(concat(A, B)^2) + sum(concat(A, B', axis=2)^3)", ["f"]),
    ("a = 2; b = [1, 3]; f = sum(concat(a, b, a)^2) + sum([a, a*b[1]]^2) + sum(stack(b, b*a, axis=2)[1])",
     ["f"]),
    ("x = [1, 2, 3]; y = [4, 5]; f = sum((x @ y')^2) + sum(outer(x, y)*[[1, 2], [3, 4], [5, 6]])", ["f"]),
    ("x = [1, 2]; A = [[1, 2, 3], [4, 5, 6]]; f = sum((x @ A)^2) + sum((A @ [1, 2, 3])^2) + x @ x", ["f"]),
    ("A = [[1, 2, 3], [4, 5, 6]]; f = sum(reshape(A, 3, 2) @ A) + sum(flatten(A)^2) + sum(A' @ A)", ["f"]),
    ("A = [[1, 2, 3], [4, 5, 7]]; r = [1, 2, 3]; c = [[1], [2]]; s = 2; f = sum((A*r + c*A/s - s)^2)", ["f"]),
    ("A = [[1, 2, 3], [4, 5, 7]]; o = [2]; p = [[3]]; f = sum(A*o*p + A^o) + sum([1, 2]*p)", ["f"]),
    ("z = [[1, 2], [3, 5]]; f = sum(softmax(z)[1]^2) + sum(log_softmax(z, axis=1)*z) + logsumexp(z)", ["f"]),
    ("z = [[1, 2], [3, 5]]; f = sum(logsumexp(z, axis=1)^2) + sum(logsumexp(z, axis=2)) + softmax(3)", ["f"]),
    ("z = [1, 2, 4]; f = logsumexp(z) + sum(softmax(z)^2) + var(z) + sum(var([z, z^2], axis=2))", ["f"]),
    # Losses: the mean over all entries, or over the rows.
    ("a = [[0.2, 0.7]]; y = [[1, 0.5]]; s = 0.3; f = bce(a, y) + bce(a, s)*s", ["f"]),
    ("z = [[0.2, -0.7]]; y = [[1, 0.5]]; s = 0.3; f = bce_logits(z, y) + bce_logits(z, s)*s",
     ["f"]),
    ("a = [[0.2, 0.7], [3, -1]]; y = [[1, 0], [0.5, 1]]; d = 0.1; f = mse(a, y) + mae(a, y) + huber(a, y, d) + hinge(a, y)",
     ["f"]),
    ("z = [2, 1, 0.1]; y = 2; f = cross_entropy(z, y) + cross_entropy(z, [0.2, 0.3, 0.5])", ["f"]),
    ("Z = [[2, 1, 0.1], [0, 1, 2]]; y = [1, 3]; P = softmax(Z*2); f = cross_entropy(Z, y) + cross_entropy(Z, P)",
     ["f"]),
    ("Z = [[2, 1, 0.1], [0, 1, 2]]; f = cross_entropy(Z, onehot([3, 1], 3))", ["f"]),
    # Names that are Python's own, or the script's, or none at all there.
    ("lambda = 2; in = 3; is = lambda*in; np = 1; torch = is + np; L = torch*torch", ["L"]),
    ("ŷ = 2; w₁ = 3; w1 = 4; θ = 0.5; 学习 = 1; é = 2; L = ŷ*w₁ + w1*θ + 学习^2*é", ["L"]),
    ("check = 2; sigmoid_ = 3; bce = 0.5; gradient = check*bce; L = sigmoid(gradient) + value; value = 1",
     ["L"]),
    ("d = 2; dL_dd = 3; output = 4; x̂ = 5; ﬁ = 1; L = d*dL_dd*output*x̂*ﬁ", ["L"]),
    ("𝐱 = 2; ｘ = 3; ǅ = 4; ﷺ = 0.5; हा = 1; א = 2; x⃗ = 3; ẁ = 1; Å = 2; Å2 = 3; ж = 1"
     "; L = 𝐱*ｘ + ǅ*ﷺ - हा*א + x⃗*ẁ + Å*Å2*ж", ["L"]),
    (f"{'long' * 60} = 2; {'long' * 60}er = 3; L = {'long' * 60}*{'long' * 60}er", ["L"]),
    # A text that is an expression, with breaks and signs in it.
    ("x = 2", ["x*x \\\n + x", "1*(x +\n1)*2"]),
    # Large numbers of entries, in lines.
    ("W = reshape(range(1, 60), 6, 10)/7; f = sum(tanh(W @ range(1, 10)/100))", ["f"]),
]
