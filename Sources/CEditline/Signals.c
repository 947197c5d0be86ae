// What happens on ^C, ^Z, a resize, and when the process is told to end.
//
// A handler only sets a flag and wakes whoever waits, through a pipe to itself; everything else
// is done where the program waits for input. The exceptions are the signals after which it does
// not get there: before stopping or ending, the terminal is given back as its owner left it. The
// signal then takes its usual course by `raise`, which reaches this process alone: libedit's own
// handlers send it to the whole process group, so also to a `make` or a shell script around us.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "Internal.h"

atomic_int ce_interrupt_flag;
static atomic_bool resized, resumed;
static int wake_read = -1, wake_write = -1;

// What a handler needs to give the terminal back. `taken` is set last and cleared first.
static struct termios owners_terminal;
static atomic_bool taken, pastes_marked;
static _Atomic(const char *) farewell;

// MARK: Waiting

static void open_wake_pipe(void) {
  int ends[2];
  if (wake_read >= 0 || pipe(ends) != 0) return;
  for (int i = 0; i < 2; i++) {
    fcntl(ends[i], F_SETFL, O_NONBLOCK);
    fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  }
  wake_read = ends[0];
  wake_write = ends[1];
}

static void wake(void) {
  int saved = errno;
  // A full pipe wakes just as well, so nothing is lost when this fails.
  if (wake_write >= 0) (void)!write(wake_write, "", 1);
  errno = saved;
}

int ce_wait_or_wake(int descriptor, bool writing, int milliseconds) {
  // poll(2) does not work on a terminal on macOS, select(2) does. It cannot take large numbers;
  // they are read without waiting first, where the signal itself ends the reading.
  if (descriptor >= FD_SETSIZE) return CE_READY;
  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(descriptor, writing ? &writable : &readable);
  int last = descriptor;
  if (wake_read >= 0 && wake_read < FD_SETSIZE) {
    FD_SET(wake_read, &readable);
    if (wake_read > last) last = wake_read;
  }
  struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
  int count = select(last + 1, &readable, &writable, NULL, milliseconds < 0 ? NULL : &time);
  if (count < 0) return errno == EINTR ? CE_WOKEN : CE_WAIT_FAILED;
  if (wake_read >= 0 && wake_read < FD_SETSIZE && FD_ISSET(wake_read, &readable)) {
    char drained[64];
    while (read(wake_read, drained, sizeof drained) > 0) {
    }
    return CE_WOKEN;
  }
  return count > 0 ? CE_READY : CE_TIMEOUT;
}

int ce_wait(int descriptor, bool writing) {
  while (!ce_interrupted()) {
    int outcome = ce_wait_or_wake(descriptor, writing, -1);
    if (outcome == CE_READY) return 1;
    if (outcome == CE_WAIT_FAILED) return -1;
  }
  return 0;
}

/// Standard input to read from without blocking, where it is a terminal; else itself.
static int input_descriptor(void) {
  static int descriptor = -1;
  if (descriptor >= 0) return descriptor;
  char name[256];
  if (isatty(STDIN_FILENO) && ttyname_r(STDIN_FILENO, name, sizeof name) == 0) {
    descriptor = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  }
  // Not set not to block itself: that would hold for all who share it, after our end too.
  if (descriptor < 0) descriptor = STDIN_FILENO;
  return descriptor;
}

ssize_t ce_read_input(void *bytes, size_t most) { return read(input_descriptor(), bytes, most); }

// MARK: Handlers

static void install(int signal, void (*handler)(int), int flags, bool also_if_ignored) {
  struct sigaction action, old;
  if (!also_if_ignored && sigaction(signal, NULL, &old) == 0 && old.sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}

static void on_interrupt(int signal) {
  (void)signal;
  atomic_store_explicit(&ce_interrupt_flag, 1, memory_order_relaxed);
  wake();
}

static void on_resize(int signal) {
  (void)signal;
  atomic_store(&resized, true);
  wake();
}

static void on_resume(int signal) {
  (void)signal;
  atomic_store(&resumed, true);
  wake();
}

/// Writes to the terminal, unless that would wait: it may be stopped (^S), and who ends us does not wait.
static void say_if_heard(const char *text) {
  fd_set writable;
  FD_ZERO(&writable);
  FD_SET(STDOUT_FILENO, &writable);
  struct timeval none = {0, 0};
  if (select(STDOUT_FILENO + 1, NULL, &writable, NULL, &none) == 1) {
    (void)!write(STDOUT_FILENO, text, strlen(text));
  }
}

/// Undoes what the editor did to the terminal, if it is ours to change.
static void give_terminal_back(void) {
  // From the background it is someone else's by now, and touching it would only stop us.
  if (!atomic_load(&taken) || tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
  if (atomic_load(&pastes_marked)) say_if_heard("\033[?2004l");
  const char *text = atomic_load(&farewell);
  if (text != NULL) say_if_heard(text);
  tcsetattr(STDIN_FILENO, TCSANOW, &owners_terminal);
}

/// Lets a signal do what it does by default, to this process and no other.
static void take_default_course(int signal) {
  sigset_t only_it, before;
  install(signal, SIG_DFL, 0, true);
  sigemptyset(&only_it);
  sigaddset(&only_it, signal);
  pthread_sigmask(SIG_UNBLOCK, &only_it, &before);
  raise(signal);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void on_stop(int signal) {
  int saved = errno;
  give_terminal_back();
  take_default_course(signal);
  // Continued here, or never stopped because no shell looks after us.
  install(signal, on_stop, 0, true);
  on_resume(signal);
  errno = saved;
}

static void on_end(int signal) {
  give_terminal_back();
  take_default_course(signal);
}

// MARK: What the rest calls

void ce_clear_interrupt(void) {
  atomic_store_explicit(&ce_interrupt_flag, 0, memory_order_relaxed);
}

void ce_watch_interrupts(void) {
  open_wake_pipe();
  install(SIGINT, on_interrupt, SA_RESETHAND, false);
}

void ce_watch_terminal(void) {
  open_wake_pipe();
  // No SA_RESTART anywhere: a read that a signal cuts short must come back.
  install(SIGINT, on_interrupt, 0, true);
  install(SIGWINCH, on_resize, 0, true);
  install(SIGCONT, on_resume, 0, true);
  install(SIGTSTP, on_stop, 0, false);
  install(SIGTERM, on_end, 0, false);
  install(SIGHUP, on_end, 0, false);
  install(SIGQUIT, on_end, 0, false);
}

void ce_prepare_signals(void) {
  install(SIGPIPE, SIG_IGN, 0, true);
  install(SIGXFSZ, SIG_IGN, 0, true);
  install(SIGCHLD, SIG_DFL, 0, true);
}

void ce_terminal_taken(bool marks_pastes) {
  if (tcgetattr(STDIN_FILENO, &owners_terminal) != 0) return;
  atomic_store(&pastes_marked, marks_pastes);
  atomic_store(&taken, true);
}

void ce_terminal_returned(void) { atomic_store(&taken, false); }

void ce_return_terminal(void) {
  if (atomic_load(&taken)) tcsetattr(STDIN_FILENO, TCSADRAIN, &owners_terminal);
}

void ce_terminal_farewell(const char *text) { atomic_store(&farewell, text); }

/// The signals that are taken over, and those of a crash, before which the screen is given back.
static const int watched[] = {SIGINT,  SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGQUIT,
                              SIGSEGV, SIGILL,   SIGBUS,  SIGFPE,  SIGABRT, SIGTRAP};
enum { WATCHED = sizeof watched / sizeof *watched, FIRST_CRASH = 7 };
static struct sigaction saved_actions[WATCHED];

/// Gives the terminal back, and lets whoever was there before deal with the crash.
static void on_crash(int signal) {
  give_terminal_back();
  for (int i = FIRST_CRASH; i < WATCHED; i++) {
    if (watched[i] == signal) sigaction(signal, &saved_actions[i], NULL);
  }
  raise(signal);
}

void ce_save_signals(void) {
  for (int i = 0; i < WATCHED; i++) sigaction(watched[i], NULL, &saved_actions[i]);
  for (int i = FIRST_CRASH; i < WATCHED; i++) install(watched[i], on_crash, 0, true);
}

void ce_restore_signals(void) {
  for (int i = 0; i < WATCHED; i++) sigaction(watched[i], &saved_actions[i], NULL);
}

bool ce_take_resized(void) { return atomic_exchange(&resized, false); }
bool ce_take_resumed(void) { return atomic_exchange(&resumed, false); }
