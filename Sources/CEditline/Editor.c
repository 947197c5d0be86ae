// The editor: a libedit `EditLine`, its history and its prompt, and the functions keys are bound to.

#include "Editor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// MARK: Small things

void ce_push_key(struct ce_editor *e, wchar_t key) {
  if (e->keys_end < sizeof e->keys / sizeof *e->keys) e->keys[e->keys_end++] = key;
}

void ce_say(struct ce_editor *e, const char *text) {
  (void)e;
  // Through the stream libedit writes to, so that the two keep their order.
  fputs(text, stdout);
  fflush(stdout);
}

bool ce_append_text(struct ce_editor *e, const char *bytes, size_t count) {
  if (e->text_room - e->text_count <= count) {
    size_t room = (e->text_count + count + 1) * 2;
    char *larger = realloc(e->text, room);
    if (larger == NULL) return false;
    e->text = larger;
    e->text_room = room;
  }
  memcpy(e->text + e->text_count, bytes, count);
  e->text_count += count;
  e->text[e->text_count] = '\0';
  return true;
}

/// Makes `text` the UTF-8 of some wide characters, and returns the offset the mark falls on.
static bool set_text(
    struct ce_editor *e, const wchar_t *from, const wchar_t *to, const wchar_t *mark,
    size_t *offset) {
  e->text_count = 0;
  char bytes[4];
  if (!ce_append_text(e, "", 0)) return false;
  for (const wchar_t *at = from; at < to; at++) {
    if (at == mark && offset != NULL) *offset = e->text_count;
    if (!ce_append_text(e, bytes, ce_encode(*at, bytes))) return false;
  }
  if (mark == to && offset != NULL) *offset = e->text_count;
  return true;
}

static struct ce_editor *editor_of(EditLine *line) {
  struct ce_editor *e = NULL;
  ce_lib.el_wget(line, EL_CLIENTDATA, &e);
  return e;
}

// MARK: Functions keys are bound to

static unsigned char tell(EditLine *line, ce_event event) {
  struct ce_editor *e = editor_of(line);
  const LineInfoW *info = ce_lib.el_wline(line);
  size_t cursor = 0;
  if (set_text(e, info->buffer, info->lastchar, info->cursor, &cursor)) {
    e->listener(e->context, event, e->text, e->text_count, cursor);
  }
  return CC_REFRESH;
}

static unsigned char complete(EditLine *line, int key) {
  (void)key;
  return tell(line, CE_COMPLETE);
}

static unsigned char paste(EditLine *line, int key) {
  (void)key;
  return tell(line, CE_PASTE);
}

static unsigned char begin(EditLine *line, int key) {
  (void)key;
  return tell(line, CE_BEGIN);
}

static unsigned char leave(EditLine *line, int key) {
  (void)key;
  const LineInfoW *info = ce_lib.el_wline(line);
  ce_lib.el_cursor(line, (int)(info->lastchar - info->cursor));
  return CC_REFRESH;
}

static wchar_t *prompt_of(EditLine *line) { return editor_of(line)->prompt; }

// MARK: Making and ending

static bool set_up(struct ce_editor *e, const ce_settings *settings) {
  e->line = ce_lib.el_init(settings->program, stdin, stdout, stderr);
  e->history = ce_lib.history_winit();
  if (e->line == NULL || e->history == NULL) return false;
  HistEventW event;
  ce_lib.history_w(e->history, &event, H_SETSIZE, settings->history_size);
  ce_lib.history_w(e->history, &event, H_SETUNIQUE, 1);
  ce_lib.el_wset(e->line, EL_CLIENTDATA, e);
  ce_lib.el_wset(e->line, EL_SIGNAL, 0);
  ce_lib.el_wset(e->line, EL_GETCFN, ce_next_key);
  ce_lib.el_wset(e->line, EL_HIST, ce_lib.history_w, e->history);
  ce_lib.el_wset(e->line, EL_PROMPT_ESC, prompt_of, L'\1');
  static const struct {
    const wchar_t *name, *help;
    unsigned char (*function)(EditLine *, int);
  } functions[] = {
      {L"backstep-complete", L"Complete the word before the cursor", complete},
      // The name GNU readline gives it, which .editrc files made for other programs use.
      {L"rl_complete", L"Complete the word before the cursor", complete},
      {L"backstep-paste", L"Insert what was pasted", paste},
      {L"backstep-begin", L"Begin a line with the rest of a paste", begin},
      {L"backstep-leave", L"Go to the end of the line to leave it", leave},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    ce_lib.el_wset(
        e->line, EL_ADDFN, functions[i].name, functions[i].help, functions[i].function);
  }
  // Left alone libedit begins in vi's mode, which only those who ask for it (`bind -v`) expect.
  ce_lib.el_wset(e->line, EL_EDITOR, L"emacs");
  ce_bind_keys(e->line);
  if (settings->reads_editrc) ce_read_editrc(e->line);
  return true;
}

ce_editor *ce_create(const ce_settings *settings) {
  struct ce_editor *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->listener = settings->listener;
  e->context = settings->context;
  e->marks_pastes = settings->marks_pastes;
  // Before libedit starts: without a UTF-8 locale it drops what is not ASCII, and a prompt that
  // is not ASCII makes it crash.
  e->unicode = ce_use_unicode_locale();
  if (settings->edits && ce_load_library() && !set_up(e, settings)) {
    ce_destroy(e);
    return NULL;
  }
  ce_watch_terminal();
  return e;
}

void ce_destroy(ce_editor *e) {
  if (e == NULL) return;
  if (e->line != NULL) {
    // The terminal is as it was found already; with editing on, `el_end` would set it again and
    // throw away what was typed ahead for the shell.
    ce_lib.el_wset(e->line, EL_EDITMODE, 0);
    ce_lib.el_end(e->line);
  }
  if (e->history != NULL) ce_lib.history_wend(e->history);
  free(e->prompt);
  free(e->paste);
  free(e->list);
  free(e->text);
  free(e);
}

bool ce_can_edit(const ce_editor *e) { return e->line != NULL; }
bool ce_shows_unicode(const ce_editor *e) { return e->unicode; }

// MARK: Reading a line

ce_outcome ce_read(ce_editor *e, const char *prompt, bool begins) {
  if (e->line == NULL) {
    ce_say(e, prompt);
    return ce_read_plainly(e);
  }
  free(e->prompt);
  e->prompt = ce_wide(prompt, strlen(prompt), !e->unicode);
  if (e->prompt == NULL) return CE_FAILED;
  e->keys_at = e->keys_end = 0;
  e->leaving = false;
  e->outcome = CE_END;
  if (begins) ce_push_key(e, CE_KEY_BEGIN);
  // A stop and a resize that came in between are no news: the line is drawn afresh anyway.
  (void)ce_take_resumed();
  (void)ce_take_resized();

  ce_terminal_taken(e->marks_pastes);
  if (e->marks_pastes) ce_say(e, "\033[?2004h");
  int count = 0;
  errno = 0;
  const wchar_t *line = ce_lib.el_wgets(e->line, &count);
  int error = errno;
  if (e->marks_pastes) ce_say(e, "\033[?2004l");
  ce_terminal_returned();

  if (line == NULL || count <= 0) {
    // What was typed ahead of ^C goes with it, as in the terminal's own queue.
    if (e->outcome == CE_INTERRUPTED) e->ahead_at = e->ahead_end = 0;
    if (e->outcome == CE_END) ce_say(e, "\n");
    errno = error;
    return e->outcome;
  }
  // `count` and not the terminating 0: what follows may be left from an older line.
  if (line[count - 1] == L'\n' || line[count - 1] == L'\r') count--;
  return set_text(e, line, line + count, NULL, NULL) ? CE_LINE : CE_FAILED;
}

const char *ce_text(const ce_editor *e, size_t *length) {
  *length = e->text_count;
  return e->text != NULL ? e->text : "";
}

// MARK: What the listener may do

const char *ce_pasted(const ce_editor *e, size_t *count) {
  *count = e->paste_count;
  return e->paste_lost ? NULL : e->paste != NULL ? e->paste : "";
}

/// How many characters begin before an offset in the text last handed out.
static int characters_before(const struct ce_editor *e, size_t offset) {
  int count = 0;
  for (size_t i = 0; i < offset && i < e->text_count; i++) count += (e->text[i] & 0xc0) != 0x80;
  return count;
}

void ce_replace(
    ce_editor *e, size_t from, size_t to, const char *text, size_t count, size_t back) {
  const LineInfoW *info = ce_lib.el_wline(e->line);
  int first = characters_before(e, from), last = characters_before(e, to);
  ce_lib.el_cursor(e->line, last - (int)(info->cursor - info->buffer));
  if (last > first) ce_lib.el_deletestr(e->line, last - first);
  wchar_t *wide = ce_wide(text, count, false);
  if (wide == NULL || (*wide != L'\0' && ce_lib.el_winsertstr(e->line, wide) != 0)) {
    ce_beep(e);
  } else {
    ce_lib.el_cursor(e->line, -(int)back);
  }
  free(wide);
}

void ce_list(ce_editor *e, const char *text) {
  free(e->list);
  e->list = strdup(text);
  const LineInfoW *info = ce_lib.el_wline(e->line);
  e->list_back = (int)(info->lastchar - info->cursor);
  // Shown when the next key is asked for: by then the cursor is at the end on the screen too.
  ce_lib.el_cursor(e->line, e->list_back);
}

void ce_submit(ce_editor *e) { ce_push_key(e, L'\n'); }

void ce_beep(ce_editor *e) { ce_lib.el_beep(e->line); }

void ce_remember(ce_editor *e, const char *entry) {
  if (e->history == NULL) return;
  wchar_t *wide = ce_wide(entry, strlen(entry), false);
  HistEventW event;
  if (wide != NULL) ce_lib.history_w(e->history, &event, H_ENTER, wide);
  free(wide);
}
