#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of Λ in NumPy, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import numpy as np


def check(name, actual, expected):
    expected = np.array(expected)
    actual = np.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = np.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
θ1 = 0.25  # θ₁
重み = -1.5

# The forward pass: each value from those before it
v1 = θ1*重み
y_hat = np.tanh(v1)  # ŷ
Λ = square(y_hat)

# The backward pass: each node's adjoint, the derivative of the output with respect
# to it, times the local derivatives of its operation
dΛ_dΛ = 1.0  # the seed

# 4. Λ = ŷ^2
dΛ_dy_hat = dΛ_dΛ*(2*y_hat)  # ∂Λ/∂ŷ = 2*ŷ

# 5. ŷ = tanh(v1)
dΛ_dv1 = dΛ_dy_hat*(1 - y_hat**2)  # ∂ŷ/∂v1 = 1 - ŷ^2

# 6. v1 = θ₁*重み
dΛ_dθ1 = dΛ_dv1*重み  # ∂v1/∂θ₁ = 重み
dΛ_d重み = dΛ_dv1*θ1  # ∂v1/∂重み = θ₁

# What Backstep found
check("Λ", Λ, 0.12845)
check("dΛ/dθ₁", dΛ_dθ1, 0.93709056)
check("dΛ/d重み", dΛ_d重み, -0.15618176)
