// What an editor is made of.

#ifndef CEDITLINE_EDITOR_H
#define CEDITLINE_EDITOR_H

#include "Internal.h"

struct ce_editor {
  EditLine *line;  // NULL where there is no libedit
  HistoryW *history;
  ce_listener listener;
  void *context;
  bool marks_pastes, unicode;

  wchar_t *prompt;
  ce_outcome outcome;  // why `ce_next_key` gave up
  bool in_burst;       // keys come faster than anyone types
  bool leaving;        // ^C was pressed and the cursor is on its way to the end

  // Keys that go before those of the terminal, and bytes read from the terminal already.
  wchar_t keys[8];
  size_t keys_at, keys_end;
  unsigned char ahead[4096];
  size_t ahead_at, ahead_end;

  char *paste;
  size_t paste_count, paste_room;
  bool paste_lost;

  char *list;     // to be shown below the line
  int list_back;  // how far before the end the cursor was

  char *text;  // the line as UTF-8
  size_t text_count, text_room;
};

int ce_next_key(EditLine *line, wchar_t *key);
ce_outcome ce_read_plainly(struct ce_editor *e);

void ce_push_key(struct ce_editor *e, wchar_t key);
void ce_say(struct ce_editor *e, const char *text);
bool ce_append_text(struct ce_editor *e, const char *bytes, size_t count);

#endif
