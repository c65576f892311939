// Counts the words of /texts/declaration.txt, then tries what its policy does not grant.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int count_words(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  int words = 0, inside = 0;
  for (int c; (c = fgetc(file)) != EOF; inside = !isspace(c)) words += !inside && !isspace(c);
  fclose(file);
  return words;
}

static void fill_scratch(void) {
  char block[4096];
  memset(block, 'x', sizeof block);
  int file = open("/tmp/big", O_CREAT | O_WRONLY, 0600), blocks = 0;
  while (write(file, block, sizeof block) == (ssize_t)sizeof block) blocks++;
  printf("filling /tmp: %s after %d KiB\n", strerror(errno), blocks * 4);
  close(file);
}

int main(void) {
  printf("%d words\n", count_words("/texts/declaration.txt"));
  if (open("/texts/forged.txt", O_CREAT | O_WRONLY, 0600) < 0) printf("forging a text: %s\n", strerror(errno));
  if (open("/texts/../../etc/passwd", O_RDONLY) < 0) printf("climbing out: %s\n", strerror(errno));
  fill_scratch();
  return 0;
}
