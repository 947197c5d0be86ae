#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in JAX, all numbers in double precision.
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
W = jnp.array([[0.5, -0.25, 10.0], [1e-9, 3.0, -0.125]])
x = jnp.array([1.0, 2.0, 3.0])


def forward(W, x):
    z = W @ x
    a = jnp.tanh(z)
    L = jnp.sum(a)
    return jnp.asarray(L)


# Forwards, and backwards to everything that was asked for
value, gradient = jax.value_and_grad(forward, argnums=(0, 1))(W, x)

# What Backstep found
check("L", value, 1.999974)
check("dL/dW", gradient[0], [[0.0, 0.0, 0.0], [5e-5, 0.0001, 0.00015]])
check("dL/dx", gradient[1], [5e-14, 0.00015, -6.25e-6])
