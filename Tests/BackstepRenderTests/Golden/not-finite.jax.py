#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in JAX, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def mse(a, y):
    return jnp.mean((a - y)**2)


def check(name, actual, expected):
    expected = jnp.array(expected)
    actual = jnp.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = jnp.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
x = jnp.array(0.0)
y = jnp.array(1.5)


def forward(x):
    v1 = jnp.log(x)
    v2 = x*v1
    v3 = jax.nn.relu(x)  # a kink: the derivative closest to 0
    v4 = jnp.maximum(x, v3)  # a tie: each gets its share of the derivative
    v5 = jnp.floor(v4)
    v6 = v2 + v5
    L = mse(v6, y)
    return jnp.asarray(L)


# Forwards, and backwards to everything that was asked for
value, gradient = jax.value_and_grad(forward, argnums=(0,))(x)

# What Backstep found
check("L", value, jnp.nan)
check("dL/dx", gradient[0], jnp.nan)
