#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of Λ in JAX, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def check(name, actual, expected):
    expected = jnp.array(expected)
    actual = jnp.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = jnp.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
θ1 = jnp.array(0.25)  # θ₁
重み = jnp.array(-1.5)


def forward(θ1, 重み):
    v1 = θ1*重み
    y_hat = jnp.tanh(v1)  # ŷ
    Λ = square(y_hat)
    return jnp.asarray(Λ)


# Forwards, and backwards to everything that was asked for
value, gradient = jax.value_and_grad(forward, argnums=(0, 1))(θ1, 重み)

# What Backstep found
check("Λ", value, 0.12845)
check("dΛ/dθ₁", gradient[0], 0.93709056)
check("dΛ/d重み", gradient[1], -0.15618176)
