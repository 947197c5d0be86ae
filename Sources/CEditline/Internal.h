// What the parts of the editor say to each other.

#ifndef CEDITLINE_INTERNAL_H
#define CEDITLINE_INTERNAL_H

#include <sys/types.h>

#include "CEditline.h"
#include "Library.h"

// MARK: Signals.c

enum { CE_TIMEOUT = 0, CE_READY = 1, CE_WOKEN = 2, CE_WAIT_FAILED = -1 };

/// Waits for a descriptor or a signal; a negative time means for ever.
int ce_wait_or_wake(int descriptor, bool writing, int milliseconds);

/// Reads from standard input what was waited for. Of a terminal it does not wait again: a ^C may throw away what
/// had come, and be handled, before the reading begins, and then nothing would end it but the next key.
ssize_t ce_read_input(void *bytes, size_t most);

/// Installs every handler an interactive session needs.
void ce_watch_terminal(void);

/// Brackets the time in which the terminal is not in the state its owner left it in.
void ce_terminal_taken(bool marks_pastes);
void ce_terminal_returned(void);

/// Sets the terminal as its owner left it.
void ce_return_terminal(void);

/// What else to write before the terminal is given back: a text that stays valid, or NULL.
void ce_terminal_farewell(const char *text);

/// Keeps what the signals did that `ce_watch_terminal` takes over, and puts it back.
void ce_save_signals(void);
void ce_restore_signals(void);

/// Whether the window changed size, or the process was continued, since last asked.
bool ce_take_resized(void);
bool ce_take_resumed(void);

// MARK: Unicode.c

/// Makes LC_CTYPE a UTF-8 locale if there is one. Nothing else of the locale is touched: numbers
/// are read and written the same everywhere.
bool ce_use_unicode_locale(void);

/// Writes one character as UTF-8 and returns how many bytes it took (at most 4).
size_t ce_encode(wchar_t character, char *bytes);

/// Reads one character; returns the bytes used, or 0 when they do not begin a valid one.
/// `*missing` is set when more bytes could make them valid.
size_t ce_decode(const unsigned char *bytes, size_t count, wchar_t *character, bool *missing);

/// A copy as wide characters, to be freed by the caller. What is not UTF-8 becomes U+FFFD.
wchar_t *ce_wide(const char *bytes, size_t count, bool ascii_only);

// MARK: Bindings.c

/// Keys no terminal can send, because input in U+0080...U+009F is dropped: with them the shim
/// makes libedit run one of its functions in any mode, also in the middle of a search.
enum { CE_KEY_PASTE = 0x9e, CE_KEY_BEGIN = 0x9d, CE_KEY_LEAVE = 0x9c };

/// Binds the keys, then lets the user's .editrc change them.
void ce_bind_keys(EditLine *line);
void ce_read_editrc(EditLine *line);

#endif
