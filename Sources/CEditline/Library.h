// The functions of libedit that are used, found without linking it where that is worth while.
//
// Linking libedit.so costs every start of the program, also one that only runs a script, the
// loading of libedit, libtinfo, libbsd and libmd. Measured on x86-64 Linux with 300 runs of a
// "hello" in Swift: 2.74 ms without, 3.29 ms with it (medians; minima 1.78 and 2.19). So on Linux
// it is loaded by name when the first line is edited; a machine without it still has the REPL,
// only without editing. Linking libedit.a statically also costs nothing at start (2.77 ms), but
// needs four archives most distributions do not ship. On macOS libedit is part of the system.

#ifndef CEDITLINE_LIBRARY_H
#define CEDITLINE_LIBRARY_H

#include <stdbool.h>

#if __has_include(<histedit.h>) && !defined(BACKSTEP_OWN_HISTEDIT)
#include <histedit.h>
#else
#include "Histedit.h"
#endif

#define CE_FUNCTIONS(X)                                                                           \
  X(el_init) X(el_end) X(el_wset) X(el_wget) X(el_wgets) X(el_wline) X(el_cursor)                 \
  X(el_deletestr) X(el_winsertstr) X(el_resize) X(el_beep) X(el_parse)                            \
  X(tok_init) X(tok_str) X(tok_reset) X(tok_end)                                                  \
  X(history_winit) X(history_wend) X(history_w)

struct ce_library {
#define CE_MEMBER(name) __typeof__(&name) name;
  CE_FUNCTIONS(CE_MEMBER)
#undef CE_MEMBER
};

/// Filled by `ce_load_library`.
extern struct ce_library ce_lib;

/// Whether libedit is there.
bool ce_load_library(void);

#endif
