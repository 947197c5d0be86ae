// Keys on their way from the terminal to libedit.
//
// libedit asks `ce_next_key` for every key, so here is the one place where a signal is answered,
// a paste is told from typing, and text is made of bytes.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "Editor.h"

enum { NO_BYTE = -1, AT_END = -2, BROKEN = -3, WOKEN = -4 };

enum {
  ESCAPE = 0x1b,
  // How long an ESC may wait for the rest of a sequence before it is the key of that name. The
  // marks of a paste arrive in one piece, unless a slow line tears them.
  ESCAPE_MILLISECONDS = 30,
  // So many bytes at once were not typed but pasted, in a terminal that does not mark pastes.
  BURST = 8,
};

const size_t ce_paste_limit = 16 << 20;

// MARK: Bytes

/// Reads more bytes behind those that wait; READY is reported as 0.
static int fill(struct ce_editor *e, int milliseconds, size_t most) {
  for (;;) {
    int outcome = ce_wait_or_wake(STDIN_FILENO, false, milliseconds);
    if (outcome == CE_WOKEN) return WOKEN;
    if (outcome == CE_TIMEOUT) return NO_BYTE;
    if (outcome == CE_WAIT_FAILED) return BROKEN;
    if (e->ahead_at > 0) {
      memmove(e->ahead, e->ahead + e->ahead_at, e->ahead_end - e->ahead_at);
      e->ahead_end -= e->ahead_at;
      e->ahead_at = 0;
    }
    size_t room = sizeof e->ahead - e->ahead_end;
    ssize_t count = ce_read_input(e->ahead + e->ahead_end, most < room ? most : room);
    if (count > 0) {
      e->ahead_end += (size_t)count;
      return 0;
    }
    if (count == 0) return AT_END;
    if (errno == EINTR) return WOKEN;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return BROKEN;
  }
}

/// The next byte. Taken from the terminal one at a time while keys are read, so that what is
/// typed ahead of `quit` is left to the shell.
static int next_byte(struct ce_editor *e, size_t most) {
  if (e->ahead_at == e->ahead_end) {
    int outcome = fill(e, -1, most);
    if (outcome != 0) return outcome;
  }
  return e->ahead[e->ahead_at++];
}

/// The byte `index` places on, without taking it; NO_BYTE when none comes soon.
static int peek(struct ce_editor *e, size_t index) {
  while (e->ahead_end - e->ahead_at <= index) {
    int outcome = fill(e, ESCAPE_MILLISECONDS, 1);
    if (outcome != 0 && (outcome != WOKEN || ce_interrupted())) return NO_BYTE;
  }
  return e->ahead[e->ahead_at + index];
}

// MARK: Pastes

/// Whether the ESC just read begins the mark `ESC [ 2 0 x ~`; if so the mark is taken.
static bool take_mark(struct ce_editor *e, int *which) {
  static const char start[] = "[20";
  for (size_t i = 0; i < 3; i++) {
    if (peek(e, i) != start[i]) return false;
  }
  int kind = peek(e, 3);
  if ((kind != '0' && kind != '1') || peek(e, 4) != '~') return false;
  e->ahead_at += 5;
  *which = kind;
  return true;
}

static void store_pasted(struct ce_editor *e, int byte) {
  if (e->paste_lost) return;
  if (e->paste_count == e->paste_room) {
    size_t room = e->paste_room == 0 ? 4096 : e->paste_room * 2;
    char *larger = e->paste_count >= ce_paste_limit ? NULL : realloc(e->paste, room);
    if (larger == NULL) {
      e->paste_lost = true;
      return;
    }
    e->paste = larger;
    e->paste_room = room;
  }
  e->paste[e->paste_count++] = (char)byte;
}

/// Answers a resize, and that the process was stopped and goes on.
static void answer_signals(struct ce_editor *e) {
  if (ce_take_resized()) ce_lib.el_resize(e->line);
  if (ce_take_resumed()) {
    // libedit believes the terminal is still as it set it.
    ce_lib.el_wset(e->line, EL_PREP_TERM, 0);
    ce_lib.el_wset(e->line, EL_PREP_TERM, 1);
    ce_say(e, e->marks_pastes ? "\r\n\033[?2004h" : "\r\n");
    ce_lib.el_resize(e->line);
    ce_lib.el_wset(e->line, EL_REFRESH);
  }
}

/// Collects what is pasted up to the end mark. False when it was interrupted or the input ended.
static bool collect_paste(struct ce_editor *e) {
  static const char mark[] = "\033[201~";
  size_t matched = 0;
  e->paste_count = 0;
  e->paste_lost = false;
  while (matched < sizeof mark - 1) {
    // Before it waits: a look ahead may have been woken, and gone on.
    if (e->ahead_at == e->ahead_end) answer_signals(e);
    int byte = next_byte(e, sizeof e->ahead);
    if (byte == WOKEN && !ce_interrupted()) continue;
    if (byte < 0) return false;
    matched = byte == mark[matched] ? matched + 1 : byte == ESCAPE;
    store_pasted(e, byte);
  }
  if (!e->paste_lost) e->paste_count -= sizeof mark - 1;
  return true;
}

/// Notes whether keys come in a burst: one begins with many at once and ends when none wait. A TAB
/// in it is a blank of the text, not a wish to complete.
static void note_burst(struct ce_editor *e) {
  int waiting = 0;
  ioctl(STDIN_FILENO, FIONREAD, &waiting);
  size_t count = (size_t)(waiting > 0 ? waiting : 0) + (e->ahead_end - e->ahead_at);
  e->in_burst = count >= BURST || (e->in_burst && count > 0);
}

// MARK: Keys

/// The rest of a character whose first byte was read; U+FFFD when it is not UTF-8.
static wchar_t finish_character(struct ce_editor *e, int first) {
  unsigned char bytes[4] = {(unsigned char)first};
  wchar_t character = 0xfffd;
  for (size_t count = 1; count <= 4; count++) {
    bool missing;
    if (ce_decode(bytes, count, &character, &missing) > 0) return character;
    // A byte that does not fit is left for the next character.
    int next = missing && count < 4 ? peek(e, 0) : NO_BYTE;
    if (next < 0x80 || next > 0xbf) return 0xfffd;
    e->ahead_at++;
    bytes[count] = (unsigned char)next;
  }
  return 0xfffd;
}

/// Shows what `ce_list` was given, now that the cursor is at the end of the line on the screen.
static void show_list(struct ce_editor *e) {
  ce_say(e, "\n");
  ce_say(e, e->list);
  free(e->list);
  e->list = NULL;
  ce_lib.el_cursor(e->line, -e->list_back);
  ce_lib.el_wset(e->line, EL_REFRESH);
}

int ce_next_key(EditLine *line, wchar_t *key) {
  struct ce_editor *e = NULL;
  ce_lib.el_wget(line, EL_CLIENTDATA, &e);
  *key = L'\0';
  if (e->list != NULL) show_list(e);
  for (;;) {
    if (ce_interrupted()) {
      // First the cursor goes to the end of the line, which only libedit can do.
      if (!e->leaving) {
        e->leaving = true;
        *key = CE_KEY_LEAVE;
        return 1;
      }
      ce_say(e, "^C\r\n");
      e->outcome = CE_INTERRUPTED;
      return -1;
    }
    if (e->keys_at < e->keys_end) {
      *key = e->keys[e->keys_at++];
      return 1;
    }
    e->keys_at = e->keys_end = 0;
    answer_signals(e);

    note_burst(e);
    int byte = next_byte(e, 1);
    if (byte == WOKEN) continue;
    if (byte < 0) {
      e->outcome = byte == AT_END ? CE_END : CE_FAILED;
      return byte == AT_END ? 0 : -1;
    }
    int mark;
    if (byte == ESCAPE && e->marks_pastes && take_mark(e, &mark)) {
      if (mark == '0' && collect_paste(e)) ce_push_key(e, CE_KEY_PASTE);
      continue;
    }
    if (byte == '\t' && e->in_burst) byte = ' ';
    wchar_t character = finish_character(e, byte);
    if (character >= 0x80 && character <= 0x9f) continue;
    *key = character;
    return 1;
  }
}

// MARK: Without libedit

ce_outcome ce_read_plainly(struct ce_editor *e) {
  e->text_count = 0;
  for (;;) {
    int byte = ce_interrupted() ? WOKEN : next_byte(e, sizeof e->ahead);
    if (byte == WOKEN && !ce_interrupted()) continue;
    if (byte == WOKEN) {
      e->ahead_at = e->ahead_end;
      ce_say(e, "\n");
      return CE_INTERRUPTED;
    }
    if (byte == BROKEN) return CE_FAILED;
    if (byte == AT_END && e->text_count == 0) return CE_END;
    if (byte == AT_END || byte == '\n') return CE_LINE;
    char one = (char)byte;
    if (!ce_append_text(e, &one, 1)) return CE_FAILED;
  }
}
