// The terminal as one picture: its other screen, keys as they are pressed, signals answered.
//
// A signal that ends or stops the process gives the terminal back first (Signals.c), as when a line
// is edited; here that includes leaving the other screen and showing the cursor.

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "Internal.h"

static struct termios keys;
static bool is_on;

// The other screen, without lines that wrap at the edge.
static const char enter[] = "\033[?1049h\033[?7l\033[H\033[2J";
// Also ends a picture that was cut short.
static const char leave[] = "\033[?2026l\033[0m\033[?7h\033[?25h\033[?1049l";

// What is said at the beginning and the end; nothing where only a key is waited for.
static const char *greeting = enter, *farewell = leave;

static bool say(const char *text) {
  for (size_t rest = strlen(text); rest > 0;) {
    ssize_t count = write(STDOUT_FILENO, text, rest);
    if (count < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return false;
    if (count > 0) {
      text += count;
      rest -= (size_t)count;
    }
  }
  return true;
}

bool ce_screen_begin(bool with_pictures) {
  if (is_on || tcgetattr(STDIN_FILENO, &keys) != 0) return false;
  greeting = with_pictures ? enter : "";
  farewell = with_pictures ? leave : "";
  // Signals stay keys: ^C and ^Z mean what they mean elsewhere.
  keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  ce_save_signals();
  ce_watch_terminal();
  (void)ce_take_resumed();
  (void)ce_take_resized();
  ce_terminal_farewell(farewell);
  ce_terminal_taken(false);
  is_on = true;
  if (tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) == 0 && say(greeting)) return true;
  ce_screen_end();
  return false;
}

void ce_screen_end(void) {
  if (!is_on) return;
  is_on = false;
  say(farewell);
  ce_return_terminal();
  ce_terminal_returned();
  ce_terminal_farewell(NULL);
  ce_restore_signals();
}

ce_screen_event ce_screen_next(int milliseconds, unsigned char *byte) {
  for (;;) {
    if (ce_interrupted()) return CE_SCREEN_INTERRUPTED;
    // Whoever stopped the process gave the terminal to the shell.
    if (ce_take_resumed()) {
      (void)ce_take_resized();
      tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
      say(greeting);
      return CE_SCREEN_REDRAW;
    }
    if (ce_take_resized()) return CE_SCREEN_REDRAW;
    int outcome = ce_wait_or_wake(STDIN_FILENO, false, milliseconds);
    if (outcome == CE_WOKEN) continue;
    if (outcome == CE_TIMEOUT) return CE_SCREEN_TIMEOUT;
    if (outcome == CE_WAIT_FAILED) return CE_SCREEN_END;
    // One at a time: what is typed ahead of leaving is for whoever reads next.
    ssize_t count = ce_read_input(byte, 1);
    if (count == 1) return CE_SCREEN_BYTE;
    if (count == 0) return CE_SCREEN_END;
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return CE_SCREEN_END;
  }
}

bool ce_key_waits(void) { return ce_wait_or_wake(STDIN_FILENO, false, 0) == CE_READY; }
