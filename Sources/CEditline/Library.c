// Finds libedit: see Library.h for why it is not simply linked.

#include "Library.h"

struct ce_library ce_lib;

#ifdef __APPLE__

bool ce_load_library(void) {
#define CE_TAKE(name) ce_lib.name = name;
  CE_FUNCTIONS(CE_TAKE)
#undef CE_TAKE
  return true;
}

#else

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

bool ce_load_library(void) {
  static bool loaded = false;
  if (loaded) return true;
  // Debian numbers the same interface 2, the library itself and all others 0.
  static const char *const names[] = {"libedit.so.2", "libedit.so.0", "libedit.so"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) continue;
    bool complete = true;
    void *symbol;
    // ISO C has no cast from `void *` to a function pointer; POSIX promises the bits are the same.
#define CE_TAKE(name)                                                                             \
  symbol = dlsym(handle, #name);                                                                  \
  memcpy(&ce_lib.name, &symbol, sizeof symbol);                                                   \
  complete = complete && symbol != NULL;
    CE_FUNCTIONS(CE_TAKE)
#undef CE_TAKE
    if (complete) return loaded = true;
    dlclose(handle);
  }
  return false;
}

#endif
