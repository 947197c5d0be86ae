// The part of libedit's interface that is used, for machines where its header is not installed:
// the library is loaded by name, so building needs nothing of it. Where <histedit.h> exists it is
// used instead, and CheckHistedit.c has the compiler compare the two.

#ifndef CEDITLINE_HISTEDIT_H
#define CEDITLINE_HISTEDIT_H

#include <stdio.h>
#include <wchar.h>

typedef struct editline EditLine;
typedef struct historyW HistoryW;
typedef struct tokenizer Tokenizer;

typedef struct {
  const wchar_t *buffer;
  const wchar_t *cursor;
  const wchar_t *lastchar;
} LineInfoW;

typedef struct {
  int num;
  const wchar_t *str;
} HistEventW;

enum { CC_NORM = 0, CC_REFRESH = 4 };
enum { EL_EDITOR = 2, EL_SIGNAL = 3, EL_BIND = 4, EL_ADDFN = 9, EL_HIST = 10, EL_EDITMODE = 11 };
enum { EL_GETCFN = 13, EL_CLIENTDATA = 14, EL_PREP_TERM = 16, EL_REFRESH = 20, EL_PROMPT_ESC = 21 };
enum { H_SETSIZE = 1, H_ENTER = 10, H_SETUNIQUE = 20 };

EditLine *el_init(const char *, FILE *, FILE *, FILE *);
void el_end(EditLine *);
int el_wset(EditLine *, int, ...);
int el_wget(EditLine *, int, ...);
const wchar_t *el_wgets(EditLine *, int *);
const LineInfoW *el_wline(EditLine *);
int el_cursor(EditLine *, int);
void el_deletestr(EditLine *, int);
int el_winsertstr(EditLine *, const wchar_t *);
void el_resize(EditLine *);
void el_beep(EditLine *);
int el_parse(EditLine *, int, const char **);

Tokenizer *tok_init(const char *);
int tok_str(Tokenizer *, const char *, int *, const char ***);
void tok_reset(Tokenizer *);
void tok_end(Tokenizer *);

HistoryW *history_winit(void);
void history_wend(HistoryW *);
int history_w(HistoryW *, HistEventW *, int, ...);

#endif
