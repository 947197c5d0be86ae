// UTF-8 and libedit's wide characters, which hold a Unicode code point on every system we run on.

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "Internal.h"

bool ce_use_unicode_locale(void) {
  // The user's own first; a terminal today shows UTF-8 also where no locale was set.
  static const char *const names[] = {"", "C.UTF-8", "en_US.UTF-8", "UTF-8"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (setlocale(LC_CTYPE, names[i]) == NULL) continue;
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  }
  return false;
}

size_t ce_encode(wchar_t character, char *bytes) {
  unsigned long c = (unsigned long)character;
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
  if (c < 0x80) {
    bytes[0] = (char)c;
    return 1;
  }
  size_t count = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = count; i-- > 1; c >>= 6) bytes[i] = (char)(0x80 | (c & 0x3f));
  bytes[0] = (char)(lead[count] | c);
  return count;
}

size_t ce_decode(
    const unsigned char *bytes, size_t count, wchar_t *character, bool *missing) {
  *missing = count == 0;
  if (count == 0) return 0;
  unsigned char first = bytes[0];
  if (first < 0x80) {
    *character = first;
    return 1;
  }
  if (first < 0xc2 || first > 0xf4) return 0;
  size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  unsigned long c = first & (0x7f >> length);
  for (size_t i = 1; i < length; i++) {
    if (i == count) {
      *missing = true;
      return 0;
    }
    if ((bytes[i] & 0xc0) != 0x80) return 0;
    c = c << 6 | (bytes[i] & 0x3f);
    // Overlong forms, surrogates and numbers past the end show in the second byte.
    if (i == 1 && ((first == 0xe0 && c < 0x20) || (first == 0xed && c >= 0x360) ||
                   (first == 0xf0 && c < 0x10) || (first == 0xf4 && c >= 0x110))) {
      return 0;
    }
  }
  *character = (wchar_t)c;
  return length;
}

wchar_t *ce_wide(const char *bytes, size_t count, bool ascii_only) {
  wchar_t *wide = malloc((count + 1) * sizeof *wide);
  if (wide == NULL) return NULL;
  size_t filled = 0;
  for (size_t at = 0; at < count;) {
    bool missing;
    wchar_t character = 0xfffd;
    size_t used = ce_decode((const unsigned char *)bytes + at, count - at, &character, &missing);
    wide[filled++] = ascii_only && character > 0x7f ? L'?' : character;
    at += used > 0 ? used : 1;
  }
  wide[filled] = L'\0';
  return wide;
}
