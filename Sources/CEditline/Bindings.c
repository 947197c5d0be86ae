// Which key does what: our choices, then the user's.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Internal.h"

static void bind(EditLine *line, const wchar_t *keys, const wchar_t *function) {
  ce_lib.el_wset(line, EL_BIND, keys, function, NULL);
}

void ce_bind_keys(EditLine *line) {
  static const struct {
    wchar_t key[2];
    const wchar_t *function;
  } private_keys[] = {
      {{CE_KEY_PASTE}, L"backstep-paste"},
      {{CE_KEY_BEGIN}, L"backstep-begin"},
      {{CE_KEY_LEAVE}, L"backstep-leave"},
  };
  for (size_t i = 0; i < sizeof private_keys / sizeof *private_keys; i++) {
    const wchar_t *key = private_keys[i].key;
    bind(line, key, private_keys[i].function);
    ce_lib.el_wset(line, EL_BIND, L"-a", key, private_keys[i].function, NULL);
  }
  bind(line, L"\t", L"backstep-complete");
  bind(line, L"\022", L"em-inc-search-prev");

  // A key that begins with ESC would make ESC itself wait for more, and vi's users leave insert
  // mode with it.
  const wchar_t *mode = NULL;
  ce_lib.el_wget(line, EL_EDITOR, &mode);
  if (mode == NULL || wcscmp(mode, L"emacs") != 0) return;
  static const wchar_t *const keys[][2] = {
      {L"\027", L"ed-delete-prev-word"},      // ^W, as in every shell
      {L"\033[3~", L"ed-delete-next-char"},   // Delete
      {L"\033[H", L"ed-move-to-beg"},         // Home, in the three ways terminals spell it
      {L"\033OH", L"ed-move-to-beg"},
      {L"\033[1~", L"ed-move-to-beg"},
      {L"\033[F", L"ed-move-to-end"},         // End, likewise
      {L"\033OF", L"ed-move-to-end"},
      {L"\033[4~", L"ed-move-to-end"},
      {L"\033[1;5C", L"em-next-word"},        // Ctrl and Alt with the arrows
      {L"\033[1;3C", L"em-next-word"},
      {L"\033[1;5D", L"ed-prev-word"},
      {L"\033[1;3D", L"ed-prev-word"},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) bind(line, keys[i][0], keys[i][1]);
}

/// Whether a line of an .editrc file was `bind -e` or `bind -v`, which forget every binding.
static bool resets_bindings(int count, const char **words) {
  if (count < 2) return false;
  size_t length = strlen(words[0]);
  if (length < 4 || strcmp(words[0] + length - 4, "bind") != 0) return false;
  return strcmp(words[1], "-e") == 0 || strcmp(words[1], "-v") == 0;
}

void ce_read_editrc(EditLine *line) {
  // Read here and not by `el_source`: that stops at the first line it does not know, and does not
  // say when a line has wiped our bindings out.
  char path[4096];
  const char *given = getenv("EDITRC"), *home = getenv("HOME");
  if (given == NULL && home == NULL) return;
  int length = given != NULL ? snprintf(path, sizeof path, "%s", given)
                             : snprintf(path, sizeof path, "%s/.editrc", home);
  if (length <= 0 || (size_t)length >= sizeof path) return;
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  Tokenizer *words = ce_lib.tok_init(NULL);
  char text[1024];
  while (words != NULL && fgets(text, sizeof text, file) != NULL) {
    text[strcspn(text, "\r\n")] = '\0';
    const char *start = text + strspn(text, " \t");
    if (*start == '#' || *start == '\0') continue;
    int count = 0;
    const char **list = NULL;
    ce_lib.tok_reset(words);
    if (ce_lib.tok_str(words, start, &count, &list) != 0 || count == 0) continue;
    int outcome = ce_lib.el_parse(line, count, list);
    if (outcome == 0 && resets_bindings(count, list)) ce_bind_keys(line);
  }
  if (words != NULL) ce_lib.tok_end(words);
  fclose(file);
}
