// The limit: forward and backward pass as hand-written loops over flat arrays.
//
//     loop FILE ROUNDS [simple]
//
// FILE is made by work.py. The local derivatives of tanh and sigmoid are computed as Backstep computes
// them, accurate everywhere; with `simple` they are 1 - out*out and out*(1 - out).
// Prints one line of JSON: medians in nanoseconds for each operation, the value and the gradient.

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONSTANT, INPUT, SIN, TANH, SIGMOID, ADD, MULTIPLY, DIVIDE };

static int64_t count;
static uint8_t *operation;
static uint32_t *left, *right;
static double *constant, *value, *adjoint;

static void forward(void) {
  for (int64_t i = 0; i < count; i++) {
    double x = value[left[i]], y = value[right[i]];
    switch (operation[i]) {
    case CONSTANT:
    case INPUT: value[i] = constant[i]; break;
    case SIN: value[i] = sin(x); break;
    case TANH: value[i] = tanh(x); break;
    case SIGMOID: {
      double e = exp(x < 0 ? x : -x);
      value[i] = x < 0 ? e / (1 + e) : 1 / (1 + e);
      break;
    }
    case ADD: value[i] = x + y; break;
    case MULTIPLY: value[i] = x * y; break;
    case DIVIDE: value[i] = x / y; break;
    }
  }
}

static void reverse(int simple) {
  memset(adjoint, 0, sizeof(double) * (size_t)count);
  adjoint[count - 1] = 1;
  for (int64_t i = count - 1; i >= 0; i--) {
    double a = adjoint[i], x = value[left[i]], y = value[right[i]], out = value[i], e;
    switch (operation[i]) {
    case CONSTANT:
    case INPUT: break;
    case SIN: adjoint[left[i]] += a * cos(x); break;
    case TANH:
      e = exp(-2 * fabs(x));
      adjoint[left[i]] += a * (simple ? 1 - out * out : 4 * e / ((1 + e) * (1 + e)));
      break;
    case SIGMOID:
      e = simple ? 0 : exp(-fabs(x));
      adjoint[left[i]] += a * (simple ? out * (1 - out) : e / ((1 + e) * (1 + e)));
      break;
    case ADD:
      adjoint[left[i]] += a;
      adjoint[right[i]] += a;
      break;
    case MULTIPLY:
      adjoint[left[i]] += a * y;
      adjoint[right[i]] += a * x;
      break;
    case DIVIDE:
      adjoint[left[i]] += a / y;
      adjoint[right[i]] -= a * out / y;
      break;
    }
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void *column(FILE *file, size_t size) {
  void *memory = malloc(size * (size_t)count);
  if (!memory || fread(memory, size, (size_t)count, file) != (size_t)count) exit(2);
  return memory;
}

int main(int argc, char **argv) {
  FILE *file = argc > 2 ? fopen(argv[1], "rb") : NULL;
  if (!file || fread(&count, sizeof count, 1, file) != 1) return 2;
  operation = column(file, 1);
  left = column(file, 4);
  right = column(file, 4);
  constant = column(file, 8);
  value = calloc((size_t)count, 8);
  adjoint = calloc((size_t)count, 8);
  int rounds = atoi(argv[2]), simple = argc > 3;
  if (!value || !adjoint || rounds < 1) return 2;
  double *up = malloc(sizeof(double) * (size_t)rounds), *down = malloc(sizeof(double) * (size_t)rounds);
  if (!up || !down) return 2;
  for (int round = 0; round < rounds; round++) {
    double start = now();
    forward();
    double middle = now();
    reverse(simple);
    up[round] = middle - start;
    down[round] = now() - middle;
  }
  qsort(up, (size_t)rounds, sizeof *up, ascending);
  qsort(down, (size_t)rounds, sizeof *down, ascending);
  printf("{\"operations\":%lld,\"forward\":%.4f,\"reverse\":%.4f,\"value\":%.17g,\"gradient\":[%.17g,%.17g,%.17g]}\n",
         (long long)count, up[rounds / 2] / (double)count, down[rounds / 2] / (double)count,
         value[count - 1], adjoint[0], adjoint[1], adjoint[2]);
  return 0;
}
