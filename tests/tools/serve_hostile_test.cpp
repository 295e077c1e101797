/// `hdecomp serve` misused: hostile paths and bodies, crowds, slow clients.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "hdecomp/stopwatch.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;

int raw_status(const ServerProcess& server, const std::string& bytes) {
  RawClient client(server.port());
  client.send(bytes);
  return status_of(client.receive(20'000, 13));
}

TEST(ServeHostile, NoPathReachesTheFileSystem) {
  const ServerProcess server;
  for (const char* path :
       {"/../../../../etc/passwd", "/photos/../../../../etc/passwd", "/photos/../README.md",
        "/photos/%2e%2e/README.md", "/photos/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/etc/passwd",
        "/photos/chelsea.jpg/", "/photos/", "/viewerxjs", "/.git/config", "/photos/chelsea.jpg%00",
        "/nothing", "/api", "/api/", "/api/explain/..", "/%"}) {
    RawClient client(server.port());
    client.send(request(server, path, "Connection: close\r\n"));
    const std::string answer = client.receive(10'000);
    EXPECT_GE(status_of(answer), 400) << path;
    EXPECT_LT(status_of(answer), 500) << path;
    EXPECT_EQ(answer.find("root:"), std::string::npos) << path;
  }
  const std::string image = "/api/tree.json?depth=1&image=";
  for (const char* id : {"../tools/photos/chelsea.jpg", "/etc/passwd", "%2e%2e%2fchelsea.jpg"}) {
    EXPECT_EQ(raw_status(server, request(server, image + id)), 404) << id;
  }
  EXPECT_TRUE(server.is_running());
}

TEST(ServeHostile, MethodsHostsAndOrigins) {
  const ServerProcess server;
  httplib::Client client = server.client();
  EXPECT_EQ(client.Delete("/api/explain")->status, 405);
  EXPECT_EQ(client.Get("/api/images")->status, 405);
  EXPECT_EQ(client.Post("/", "", "text/plain")->status, 405);
  EXPECT_EQ(client.Head("/")->status, 200);
  const auto with = [&](const httplib::Headers& headers) {
    return client.Get("/api/info", headers)->status;
  };
  const std::string port = joined(":", server.port());
  for (const char* name : {"localhost", "127.0.0.1", "[::1]"}) {
    EXPECT_EQ(with({{"Host", name + port}}), 200) << name;
    EXPECT_EQ(with({{"Host", name}}), 403) << name;
    EXPECT_EQ(with({{"Host", joined(name, ":1")}}), 403) << name;
    EXPECT_EQ(with({{"Host", joined(name, port, "0")}}), 403) << name;
  }
  for (const char* name : {"evil.example", "127.0.0.1.evil.example", "evil.example:80@localhost",
                           "localhost.", "127.0.0.2", "0.0.0.0", ""}) {
    EXPECT_EQ(with({{"Host", name + port}}), 403) << name;
  }
  const std::string two = host_line(server) + host_line(server);
  EXPECT_EQ(raw_status(server, "GET / HTTP/1.1\r\n" + two + "\r\n"), 403);
  EXPECT_EQ(raw_status(server, "GET / HTTP/1.1\r\n\r\n"), 403);
  EXPECT_EQ(with({{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(with({{"Origin", "http://127.0.0.1"}}), 403);
  EXPECT_EQ(with({{"Origin", "null"}}), 403);
  EXPECT_EQ(with({{"Origin", "http://127.0.0.1" + port}}), 200);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "same-site"}}), 403);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "none"}}), 200);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "same-origin"}}), 200);
  EXPECT_EQ(with({{"Range", "bytes=0-1,5-9"}}), 200);
}

TEST(ServeHostile, AtAllAddressesItAnswersToAddressesAlone) {
  const ServerProcess server({"--host", "0.0.0.0"});
  const auto with = [&](const std::string& host) {
    return server.client().Get("/api/info", {{"Host", joined(host, ":", server.port())}})->status;
  };
  for (const char* host : {"localhost", "127.0.0.1", "192.0.2.7", "[2001:db8::1]"}) {
    EXPECT_EQ(with(host), 200) << host;
  }
  for (const char* host :
       {"evil.example", "192.0.2.7.evil.example", "2001:db8::1", "[192.0.2.7]"}) {
    EXPECT_EQ(with(host), 403) << host;
  }
  EXPECT_NE(server.complaints().find("no password"), std::string::npos);
  EXPECT_EQ(ServerProcess().complaints(), "");
}

TEST(ServeHostile, BrokenRequests) {
  const ServerProcess server;
  const auto refused = [&](const std::string& bytes) {
    SCOPED_TRACE(bytes.substr(0, 80));
    RawClient client(server.port());
    client.send(bytes);
    client.finish();
    const int status = status_of(client.receive(12'000, 13));
    EXPECT_TRUE(status == 0 || (status >= 400 && status < 500)) << status;
  };
  refused("\r\n\r\n");
  refused("GET\r\n\r\n");
  refused("GET / HTTP/9.9\r\n\r\n");
  refused(joined(std::string(200, '\0'), "\r\n\r\n"));
  refused(request(server, "/" + std::string(20'000, 'a')));
  refused(request(server, "/", "X: " + std::string(100'000, 'b') + "\r\n"));
  const std::string post = "POST /api/images HTTP/1.1\r\n" + host_line(server);
  refused(post + "Content-Length: -5\r\n\r\n");
  refused(post + "Content-Length: 100\r\n\r\nhalf");
  const auto status = [&](const std::string& headers) {
    return raw_status(server, post + headers + "\r\n");
  };
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n"), 411);
  EXPECT_EQ(status("Content-Length: 1\r\nContent-Length: 2\r\n"), 400);
  EXPECT_EQ(status("Content-Length: 0x10\r\n"), 400);
  EXPECT_EQ(status("Content-Length:\r\n"), 400);
  EXPECT_EQ(status("Content-Length: 99999999999999999999999\r\n"), 413);
  EXPECT_EQ(status("X: a\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(server.client().Get("/api/info")->status, 200);
}

TEST(ServeHostile, BrokenAndOversizedImages) {
  const ServerProcess server;
  httplib::Client client = server.client();
  const auto post = [&](const std::string& body, const char* type = "image/jpeg",
                        const httplib::Headers& headers = {}) {
    const auto result = client.Post("/api/images", headers, body, type);
    return result ? result->status : -1;
  };
  const std::string whole = content_of_file(photo("chelsea.jpg"));
  EXPECT_EQ(post(""), 400);
  EXPECT_EQ(post("not an image"), 400);
  EXPECT_EQ(post(whole.substr(0, whole.size() / 2)), 400);
  EXPECT_EQ(post("P6 60000 60000 255 "), 400);  // more pixels than are decoded
  EXPECT_EQ(post(std::string(21 << 20, 'x')), 413);
  EXPECT_EQ(post(whole, "image/jpeg", {{"Content-Encoding", "gzip"}}), 415);
  EXPECT_EQ(
      client.Post("/api/images", httplib::MultipartFormDataItems{{"a", whole, "a", ""}})->status,
      415);
  EXPECT_EQ(post(whole), 200);
}

TEST(ServeHostile, TwoHundredRequestsAtOnceLeaveNothingBehind) {
  const ServerProcess server;
  const auto crowd = [&] {
    std::atomic<int> answered{0}, busy{0}, other{0};
    {
      std::vector<std::jthread> clients;
      for (int i = 0; i < 200; ++i) {
        clients.emplace_back([&, i] {
          httplib::Client client = server.client();
          client.set_read_timeout(120);
          const std::string image = i % 2 == 0 ? "portrait.jpg" : "coffee.jpg";
          const auto result = client.Get("/api/tree.json?depth=1&image=" + image);
          const int status = result ? result->status : -1;
          ++(status == 200 ? answered : status == 503 ? busy : other);
        });
      }
    }
    EXPECT_EQ(other, 0);
    EXPECT_GE(answered, 64);
    EXPECT_EQ(answered + busy, 200);
  };
  crowd();
  const double before = server.memory();
  crowd();
  crowd();
  // The sanitizer keeps freed memory for a while.
  if (!sanitized()) {
    EXPECT_LT(server.memory(), before * 1.15 + 8);
  }
  std::printf("server: %.0f MiB after 200 requests, %.0f MiB after 600\n", before, server.memory());
  EXPECT_TRUE(server.is_running());
}

TEST(ServeHostile, SlowClientsAreCutOffAndHinderNoOne) {
  const ServerProcess server;
  std::vector<RawClient> slow;
  for (int i = 0; i < 40; ++i) slow.emplace_back(server.port());
  const Stopwatch begin;
  size_t open = slow.size();
  std::vector<bool> cut(slow.size(), false);
  const std::string trickle = request(server, "/", "X-Slow: " + std::string(4000, 'z') + "\r\n");
  for (size_t at = 0; open > 0 && begin.ms() < 30'000; ++at) {
    for (size_t i = 0; i < slow.size(); ++i) {
      if (cut[i]) continue;
      slow[i].send(trickle.substr(at, 1));
      slow[i].receive(1);
      if (slow[i].closed()) cut[i] = true, --open;
    }
    if (at == 3) {
      const Stopwatch asked;
      EXPECT_EQ(server.client().Get("/api/info")->status, 200);
      EXPECT_LT(asked.ms(), 5'000);
    }
    usleep(100'000);
  }
  EXPECT_EQ(open, 0u);
  EXPECT_LT(begin.ms(), 25'000);
}

TEST(ServeHostile, EndlessHeadersTakeNoMemory) {
  const ServerProcess server;
  const double before = server.memory();
  const std::string lines = [] {
    std::string many;
    for (int i = 0; i < 2000; ++i) many += joined("X-", i, ": ", std::string(4000, 'h'), "\r\n");
    return many;
  }();
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n" + host_line(server));
  for (int i = 0; i < 20 && client.send(lines); ++i) {
  }
  EXPECT_LT(server.memory(), before + 16);
  RawClient other(server.port());
  other.send("GET / HTTP/1.1\r\n" + lines.substr(0, 40'000));
  EXPECT_EQ(status_of(other.receive(5'000, 13)), 431);
}

TEST(ServeHostile, HalfSentRequestsLetOthersPass) {
  const ServerProcess server;
  std::vector<RawClient> half;
  for (int i = 0; i < 600; ++i) {
    half.emplace_back(server.port());
    half.back().send(i % 2 == 0 ? "GET /api/info HTTP/1.1\r\nX:"
                                : "POST /api/images HTTP/1.1\r\n" + host_line(server) +
                                      "Content-Length: 1000\r\n\r\nabc");
  }
  for (int i = 0; i < 5; ++i) {
    const Stopwatch asked;
    const auto answer = server.client().Get("/api/info");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_LT(asked.ms(), 2'000);
  }
}

TEST(ServeHostile, RequestsSentAheadAreAnsweredInOrder) {
  const ServerProcess server;
  RawClient client(server.port());
  const std::string post = "POST /api/images HTTP/1.1\r\n" + host_line(server);
  client.send(request(server, "/api/info") + request(server, "/") + post +
              "Expect: 100-continue\r\nContent-Length: 7\r\n\r\n");
  usleep(200'000);
  client.send("nothing");
  const std::string all = client.receive(10'000);
  EXPECT_EQ(count_of(all, "HTTP/1.1 200"), 2u);
  EXPECT_NE(all.find("HTTP/1.1 100"), std::string::npos);
  EXPECT_NE(all.find("HTTP/1.1 400"), std::string::npos);
}

TEST(ServeHostile, AClientThatDoesNotReadHoldsNoEngine) {
  const ServerProcess server;
  std::vector<RawClient> deaf;
  for (int i = 0; i < 5; ++i) {
    deaf.emplace_back(server.port());
    deaf.back().send(request(server, "/api/explain?image=portrait.jpg&top=5&depth=4"));
  }
  const auto answer = server.client().Get("/api/tree.json?image=coffee.jpg&depth=1");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST(ServeHostile, APortThatIsTaken) {
  const ServerProcess server;
  const CommandResult result = run({"serve", "--port", std::to_string(server.port())});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_NE(result.err.find("--port"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace hdecomp
