/* Randomness. */
#include "result.h"
#include <unistd.h>

/* argv[0] bytes in hexadecimal, asked for in one call of at most 256 (getentropy's own limit) after another. */
static int bytes(int argc, char **argv) {
  size_t count = argc > 0 ? (size_t)atol(argv[0]) : 16;
  unsigned char *buffer = malloc(count ? count : 1);
  for (size_t done = 0; done < count; done += 256) {
    size_t size = count - done < 256 ? count - done : 256;
    if (getentropy(buffer + done, size) < 0) {
      text("getentropy", errno_name(errno));
      return 0;
    }
  }
  text("getentropy", "0");
  printf("bytes=");
  for (size_t i = 0; i < count; i++) printf("%02x", buffer[i]);
  printf("\n");
  return 0;
}

/* Counts byte values over argv[0] bytes: `distinct`, and the largest count. */
static int spread(int argc, char **argv) {
  size_t count = argc > 0 ? (size_t)atol(argv[0]) : 65536;
  static unsigned char buffer[256];
  static unsigned counts[256];
  for (size_t done = 0; done < count; done += sizeof buffer) {
    if (getentropy(buffer, sizeof buffer) < 0) {
      text("getentropy", errno_name(errno));
      return 0;
    }
    for (size_t i = 0; i < sizeof buffer; i++) counts[buffer[i]]++;
  }
  unsigned distinct = 0, most = 0;
  for (int i = 0; i < 256; i++) {
    if (counts[i]) distinct++;
    if (counts[i] > most) most = counts[i];
  }
  number("distinct", distinct);
  number("most", most);
  return 0;
}

int main(int argc, char **argv) {
  static const struct subtest subtests[] = {{"bytes", bytes}, {"spread", spread}, {0}};
  return run_subtest(subtests, argc, argv);
}
