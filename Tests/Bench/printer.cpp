// The limit for printing: the bytes of a trace written again, every number by std::to_chars.
//
//     printer FILE ROUNDS DIGITS
//
// FILE is what Backstep has printed. It is cut into numbers and the text between them; DIGITS is the
// precision of the numbers, 0 for the shortest form. A number that to_chars writes in another way counts
// as text. Prints one line of JSON: bytes, numbers, and the median time to write it all in nanoseconds.

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <time.h>
#include <unistd.h>
#include <vector>

struct Piece {
  size_t text, length; // the text before the number
  double number;
  bool is_number;
};

// The processor's time in nanoseconds.
static double now() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static char *write(char *place, double number, int digits) {
  return digits ? std::to_chars(place, place + 40, number, std::chars_format::general, digits).ptr
                : std::to_chars(place, place + 40, number).ptr;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  int rounds = std::atoi(argv[2]), digits = std::atoi(argv[3]);
  std::vector<Piece> pieces;
  size_t start = 0, numbers = 0;
  auto is_word = [](char c) { return std::isalnum((unsigned char)c) || c == '_' || (c & 0x80); };
  for (size_t i = 0; i < text.size();) {
    bool begins = std::isdigit((unsigned char)text[i]) && (i == 0 || !is_word(text[i - 1]));
    if (!begins) { i++; continue; }
    size_t from = i > 0 && text[i - 1] == '-' ? i - 1 : i;
    double number = 0;
    auto read = std::from_chars(text.data() + from, text.data() + text.size(), number);
    size_t end = (size_t)(read.ptr - text.data());
    char again[64];
    size_t length = (size_t)(write(again, number, digits) - again);
    if (read.ec == std::errc() && length == end - from && !std::memcmp(again, text.data() + from, length)) {
      pieces.push_back({start, from - start, number, true});
      numbers++;
      start = end;
    }
    i = std::max(end, i + 1);
  }
  pieces.push_back({start, text.size() - start, 0, false});

  std::vector<double> times;
  std::vector<char> buffer(1 << 16);
  for (int round = 0; round < rounds; round++) {
    int out = open("/dev/null", O_WRONLY);
    double begin = now();
    char *place = buffer.data(), *full = place + buffer.size() - 64;
    for (const Piece &piece : pieces) {
      for (size_t done = 0; done < piece.length;) {
        size_t part = std::min(piece.length - done, (size_t)(full - place));
        std::memcpy(place, text.data() + piece.text + done, part);
        place += part;
        done += part;
        if (place == full) {
          if (write(out, buffer.data(), (size_t)(place - buffer.data())) < 0) return 2;
          place = buffer.data();
        }
      }
      if (piece.is_number) place = write(place, piece.number, digits);
      if (place >= full) {
        if (write(out, buffer.data(), (size_t)(place - buffer.data())) < 0) return 2;
        place = buffer.data();
      }
    }
    if (write(out, buffer.data(), (size_t)(place - buffer.data())) < 0) return 2;
    times.push_back(now() - begin);
    close(out);
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"bytes\":%zu,\"numbers\":%zu,\"time\":%.0f}\n", text.size(), numbers, times[times.size() / 2]);
}
