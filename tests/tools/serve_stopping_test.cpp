/// `hdecomp serve` stops: the work of clients that went away, and itself at a signal.
#include <gtest/gtest.h>

#include "hdecomp/image.h"
#include "hdecomp/stopwatch.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;

/// How long the engine is not to be had after eight clients asked it something and went away, over
/// what one of them that stays waits. `begun` bytes have come of an answer when they go; 0: none.
double after_vanished(const ServerProcess& server, const std::string& path, size_t begun) {
  const char* other = "/api/tree.json?image=portrait.jpg&depth=1";
  httplib::Client client = server.client();
  for (const std::string& planned : {path, std::string(other)}) client.Get(planned);
  const Stopwatch one;
  EXPECT_EQ(client.Get(path)->status, 200);
  const double whole = one.ms();
  for (int i = 0; i < 8; ++i) {
    RawClient vanishing(server.port());
    vanishing.send(request(server, path));
    if (begun > 0) {
      vanishing.receive(20'000, begun);
    } else {
      usleep(static_cast<useconds_t>(whole * 1e3 / 8));
    }
  }
  const Stopwatch after;
  EXPECT_EQ(client.Get(other)->status, 200);
  return after.ms() / whole;
}

TEST(ServeStopping, AVanishedClientsWorkStops) {
  const ServerProcess server;
  EXPECT_LT(after_vanished(server, "/api/explain?image=portrait.jpg&top=5&depth=5", 100), 2);
}

TEST(ServeStopping, AVanishedClientsAttackStops) {
  const ServerProcess server;
  EXPECT_LT(after_vanished(server, "/api/attack?image=portrait.jpg&steps=200", 300), 2);
}

TEST(ServeStopping, AVanishedClientsWhatIfStops) {
  const ServerProcess server({"--model", "squeezenet"});  // the small one is too soon done
  const std::string path = "/api/what-if?image=portrait.jpg&box=9,9,99,99&controls=40";
  EXPECT_LT(after_vanished(server, path, 0), 2);
}

TEST(ServeStopping, CtrlCEndsItAlsoAmidWork) {
  for (const int signal : {SIGINT, SIGTERM}) {
    ServerProcess idle;
    RawClient waiting(idle.port());
    EXPECT_EQ(idle.end(signal), 0);
  }
  ServerProcess busy;
  std::vector<RawClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(busy.port());
    clients.back().send(request(busy, "/api/explain?image=portrait.jpg&top=5&depth=5"));
  }
  clients.front().receive(20'000, 100);
  EXPECT_EQ(busy.end(SIGINT), 0);
}

TEST(ServeStopping, CtrlCEndsItAlsoAmidAnAttack) {
  ServerProcess attacking;
  RawClient client(attacking.port());
  client.send(request(attacking, "/api/attack?image=portrait.jpg&steps=200"));
  client.receive(20'000, 300);
  EXPECT_EQ(attacking.end(SIGINT), 0);
}

TEST(ServeStopping, CtrlCEndsItWithinASecondAlsoAmidDecoding) {
  ServerProcess busy;
  const auto png = encode_png({6000, 6000, std::vector<uint8_t>(size_t{6000} * 6000 * 3)});
  const std::string post = "POST /api/images HTTP/1.1\r\n" + host_line(busy) +
                           joined("Content-Length: ", png.size(), "\r\n\r\n") +
                           std::string(png.begin(), png.end());
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(busy.port());
    clients.back().send(post);
  }
  usleep(300'000);
  const Stopwatch asked;
  EXPECT_EQ(busy.end(SIGINT), 0);
  EXPECT_LT(asked.ms(), 1'000);
}

// A client, and a signal, may come before httplib's loop runs: about one in twelve was lost.
TEST(ServeStopping, CtrlCThatComesEarlyIsNotLost) {
  for (int i = 0; i < 12; ++i) {
    ServerProcess young;
    EXPECT_EQ(young.end(SIGINT), 0) << i;
  }
}

}  // namespace
}  // namespace hdecomp
