// Has the compiler compare Histedit.h with the system's <histedit.h>, where there is one: a
// difference in a value fails an assertion, one in a function's type is a conflicting declaration.

#if __has_include(<histedit.h>)

#include <histedit.h>
#include <stddef.h>

enum {
  checkNorm = CC_NORM, checkRefresh = CC_REFRESH, checkEditor = EL_EDITOR, checkSignal = EL_SIGNAL,
  checkBind = EL_BIND, checkAddfn = EL_ADDFN, checkHist = EL_HIST, checkGetcfn = EL_GETCFN,
  checkClient = EL_CLIENTDATA, checkPrep = EL_PREP_TERM, checkRedraw = EL_REFRESH,
  checkPrompt = EL_PROMPT_ESC, checkSize = H_SETSIZE, checkEnter = H_ENTER,
  checkUnique = H_SETUNIQUE, checkMode = EL_EDITMODE, checkEvent = sizeof(HistEventW), checkLine = sizeof(LineInfoW),
};

#undef CC_NORM
#undef CC_REFRESH
#undef EL_EDITOR
#undef EL_SIGNAL
#undef EL_BIND
#undef EL_ADDFN
#undef EL_HIST
#undef EL_EDITMODE
#undef EL_GETCFN
#undef EL_CLIENTDATA
#undef EL_PREP_TERM
#undef EL_REFRESH
#undef EL_PROMPT_ESC
#undef H_SETSIZE
#undef H_ENTER
#undef H_SETUNIQUE

// A structure cannot be declared twice, so the two of them and their functions go by other names.
#define LineInfoW OwnLineInfoW
#define HistEventW OwnHistEventW
#define el_wline ownLine
#define history_w ownHistory
#include "Histedit.h"

#define SAME(theirs, ours) _Static_assert((int)(theirs) == (int)(ours), "Histedit.h is out of step")
SAME(checkNorm, CC_NORM);
SAME(checkRefresh, CC_REFRESH);
SAME(checkEditor, EL_EDITOR);
SAME(checkSignal, EL_SIGNAL);
SAME(checkBind, EL_BIND);
SAME(checkAddfn, EL_ADDFN);
SAME(checkHist, EL_HIST);
SAME(checkMode, EL_EDITMODE);
SAME(checkGetcfn, EL_GETCFN);
SAME(checkClient, EL_CLIENTDATA);
SAME(checkPrep, EL_PREP_TERM);
SAME(checkRedraw, EL_REFRESH);
SAME(checkPrompt, EL_PROMPT_ESC);
SAME(checkSize, H_SETSIZE);
SAME(checkEnter, H_ENTER);
SAME(checkUnique, H_SETUNIQUE);
SAME(checkEvent, sizeof(OwnHistEventW));
SAME(checkLine, sizeof(OwnLineInfoW));
#endif
