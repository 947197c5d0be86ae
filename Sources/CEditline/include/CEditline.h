// A terminal line editor for Swift: libedit behind plain functions, and the signals it lives among.
//
// Swift cannot call libedit's variadic functions, must not run inside a signal handler, and has no
// safe way to name `stdin`. All three stay in this target. The text of every line is UTF-8.

#ifndef CEDITLINE_H
#define CEDITLINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

// MARK: Signals (Signals.c)

/// Set by SIGINT; read it with `ce_interrupted`.
extern atomic_int ce_interrupt_flag;

/// Whether ^C was pressed since the last `ce_clear_interrupt`. Costs one plain load.
static inline bool ce_interrupted(void) {
  return atomic_load_explicit(&ce_interrupt_flag, memory_order_relaxed) != 0;
}

/// Forgets a ^C that has been answered.
void ce_clear_interrupt(void);

/// Makes the first SIGINT set the flag; the second one ends the process, as it does by default.
/// A SIGINT that was ignored when the program started stays ignored.
void ce_watch_interrupts(void);

/// Makes a write to a pipe nobody reads fail with EPIPE, and one beyond the size a file may have
/// (`ulimit -f`) with EFBIG, instead of ending the process. How programs that are run have ended can be
/// asked, even where whoever started this one did not want to know of its own.
void ce_prepare_signals(void);

/// Waits until `descriptor` can be read (or written): 1 when it can, 0 when interrupted, -1 with
/// errno on failure. An interruption cannot slip in between a check of the flag and the waiting.
int ce_wait(int descriptor, bool writing);

// MARK: The whole screen (Screen.c)

typedef enum {
  CE_SCREEN_BYTE,         ///< A byte was typed.
  CE_SCREEN_TIMEOUT,      ///< Nothing came in the time given.
  CE_SCREEN_REDRAW,       ///< The window changed size, or the process was continued.
  CE_SCREEN_INTERRUPTED,  ///< ^C.
  CE_SCREEN_END,          ///< The terminal went away.
} ce_screen_event;

/// Takes the terminal: no echo, keys one by one, and the other screen where pictures are to be drawn.
/// Whatever ends or stops the process gives it back first. False, with errno, where it cannot be had.
bool ce_screen_begin(bool with_pictures);

/// Gives the terminal and the signals back.
void ce_screen_end(void);

/// Waits for a key or a signal, for ever where `milliseconds` is negative.
ce_screen_event ce_screen_next(int milliseconds, unsigned char *byte);

/// Whether a key was pressed that nobody has read yet.
bool ce_key_waits(void);

// MARK: The editor (Editor.c)

/// One editor, on standard input and standard output; there is at most one at a time.
typedef struct ce_editor ce_editor;

typedef enum {
  CE_LINE,         ///< A line was entered.
  CE_INTERRUPTED,  ///< ^C: what was typed is dropped.
  CE_END,          ///< ^D on an empty line, or the terminal went away.
  CE_FAILED,       ///< Reading failed; errno says why.
} ce_outcome;

typedef enum {
  CE_COMPLETE,  ///< TAB was pressed.
  CE_PASTE,     ///< Text was pasted; `ce_pasted` has it.
  CE_BEGIN,     ///< A line that was asked for with `begin` starts: the place to put text into it.
} ce_event;

/// Told of an event, with the line as it is and the cursor as an offset in its bytes. May call
/// `ce_replace`, `ce_list`, `ce_submit` and `ce_beep`.
typedef void (*ce_listener)(
    void *context, ce_event event, const char *line, size_t length, size_t cursor);

typedef struct {
  const char *program;       ///< The name that `program:` lines of an .editrc file go by.
  bool reads_editrc;         ///< Whether `$EDITRC` or `~/.editrc` may change key bindings.
  bool marks_pastes;         ///< Whether the terminal is asked to mark what is pasted.
  bool edits;                ///< False: never load libedit, read lines as the terminal sends them.
  int history_size;          ///< Entries kept in memory.
  ce_listener listener;
  void *context;             ///< Handed to the listener.
} ce_settings;

/// Starts an editor and takes over SIGINT, SIGTSTP, SIGCONT, SIGWINCH, SIGTERM, SIGHUP and SIGQUIT.
/// NULL when memory runs out.
ce_editor *ce_create(const ce_settings *settings);
void ce_destroy(ce_editor *editor);

/// Whether lines can be edited; false when libedit could not be loaded.
bool ce_can_edit(const ce_editor *editor);

/// Whether the locale lets characters beyond ASCII through.
bool ce_shows_unicode(const ce_editor *editor);

/// Reads a line. What stands between two bytes 1 in `prompt` takes no room on the screen, and
/// must be followed by a visible character. With `begin`, CE_BEGIN comes first.
ce_outcome ce_read(ce_editor *editor, const char *prompt, bool begin);

/// The line last read, without its newline. It may hold any byte, also 0.
const char *ce_text(const ce_editor *editor, size_t *length);

/// What was pasted, as the terminal sent it; NULL when it was longer than `ce_paste_limit`.
const char *ce_pasted(const ce_editor *editor, size_t *count);
extern const size_t ce_paste_limit;

/// Puts `text` in the place of the bytes `from` to `to` of the line; the cursor goes after it,
/// `back` characters before its end. Offsets must be at boundaries of characters.
void ce_replace(
    ce_editor *editor, size_t from, size_t to, const char *text, size_t count, size_t back);

/// Shows `text` (full lines) below the line, and the line again below it.
void ce_list(ce_editor *editor, const char *text);

/// Enters the line as it is.
void ce_submit(ce_editor *editor);
void ce_beep(ce_editor *editor);

/// Adds an entry to what the up arrow and ^R find.
void ce_remember(ce_editor *editor, const char *entry);

#endif
