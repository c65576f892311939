/* Sockets of WASI 0.1: the program is started with one that listens, whose number argv[0] of each subtest is. */
#include "result.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[65536];

static int accept_on(const char *word) { return result("accept", accept(atoi(word), NULL, NULL)); }

static void print_received(const char *name, ssize_t count) {
  if (result(name, count) > 0) printf("%s-text=%.*s\n", name, (int)count, buffer);
}

/* Tells whoever waits for it where the program is. */
static void say(const char *word) {
  text("say", word);
  fflush(stdout);
}

/* Sends back what comes, ends its side, and reads to the end. */
static int serve(int argc, char **argv) {
  (void)argc;
  say("up");
  int connection = accept_on(argv[0]);
  ssize_t count = recv(connection, buffer, sizeof buffer, 0);
  print_received("recv", count);
  result("send", send(connection, buffer, count, 0));
  result("shutdown", shutdown(connection, SHUT_WR));
  result("send-after", send(connection, "x", 1, 0));
  uint64_t rest = 0;
  while ((count = recv(connection, buffer, sizeof buffer, 0)) > 0) rest += count;
  result("end", count);
  number("rest", rest);
  result("close", close(connection));
  result("close-again", close(connection));
  return 0;
}

/* The same with read and write. */
static int descriptors(int argc, char **argv) {
  (void)argc;
  say("up");
  int connection = accept_on(argv[0]);
  struct stat st;
  result("fstat", fstat(connection, &st));
  text("type", S_ISSOCK(st.st_mode) ? "socket" : "other");
  int type = 0;
  socklen_t size = sizeof type;
  result("getsockopt", getsockopt(connection, SOL_SOCKET, SO_TYPE, &type, &size));
  text("so-type", type == SOCK_STREAM ? "stream" : "other");
  ssize_t count = read(connection, buffer, sizeof buffer);
  print_received("read", count);
  result("write", write(connection, buffer, count));
  result("lseek", lseek(connection, 0, SEEK_SET));
  return 0;
}

static int peek(int argc, char **argv) {
  (void)argc;
  say("up");
  int connection = accept_on(argv[0]);
  print_received("peek", recv(connection, buffer, 3, MSG_PEEK));
  print_received("peek", recv(connection, buffer, 5, MSG_PEEK));
  say("peeked");
  print_received("all", recv(connection, buffer, 10, MSG_WAITALL));
  print_received("short", recv(connection, buffer, 10, MSG_WAITALL));
  return 0;
}

static int nonblocking(int argc, char **argv) {
  (void)argc;
  int listener = atoi(argv[0]);
  result("fcntl", fcntl(listener, F_SETFL, O_NONBLOCK));
  accept_on(argv[0]);
  say("up");
  struct pollfd waiting = {.fd = listener, .events = POLLRDNORM};
  result("poll", poll(&waiting, 1, -1));
  int connection = result("accept4", accept4(listener, NULL, NULL, SOCK_NONBLOCK));
  print_received("recv", recv(connection, buffer, sizeof buffer, 0));
  say("accepted");
  waiting.fd = connection;
  result("poll", poll(&waiting, 1, -1));
  print_received("recv", recv(connection, buffer, sizeof buffer, 0));
  print_received("wait-all", recv(connection, buffer, 5, MSG_WAITALL));
  return 0;
}

static int errors(int argc, char **argv) {
  (void)argc;
  int listener = atoi(argv[0]);
  result("recv-listener", recv(listener, buffer, 1, 0));
  result("send-listener", send(listener, "x", 1, 0));
  result("shutdown-listener", shutdown(listener, SHUT_RDWR));
  result("read-listener", read(listener, buffer, 1));
  result("write-listener", write(listener, buffer, 1));
  result("accept-output", accept(1, NULL, NULL));
  result("recv-output", recv(1, buffer, 1, 0));
  result("accept-nothing", accept(99, NULL, NULL));
  say("up");
  int connection = accept_on(argv[0]);
  result("accept-connection", accept(connection, NULL, NULL));
  result("shutdown-nothing", shutdown(connection, 0));
  print_received("reset", recv(connection, buffer, sizeof buffer, 0));
  print_received("after", recv(connection, buffer, sizeof buffer, 0));
  return 0;
}

/* Accepts until something ends it. */
static int accept_all(int argc, char **argv) {
  (void)argc;
  uint64_t count = 0;
  say("up");
  while (accept(atoi(argv[0]), NULL, NULL) >= 0) {
    number("accepted", ++count);
    fflush(stdout);
  }
  text("accept", errno_name(errno));
  number("count", count);
  return 0;
}

/* Receives until something ends it. */
static int receive_all(int argc, char **argv) {
  (void)argc;
  uint64_t count = 0;
  ssize_t part;
  say("up");
  int connection = accept_on(argv[0]);
  say("accepted");
  while ((part = recv(connection, buffer, sizeof buffer, 0)) > 0) count += part;
  number("count", count);
  result("recv", part);
  return 0;
}

int main(int argc, char **argv) {
  static const struct subtest subtests[] = {
      {"serve", serve},   {"descriptors", descriptors}, {"peek", peek},
      {"nonblocking", nonblocking}, {"errors", errors}, {"accept-all", accept_all},
      {"receive-all", receive_all}, {0}};
  return run_subtest(subtests, argc, argv);
}
