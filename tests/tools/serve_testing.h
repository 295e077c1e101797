/// `hdecomp serve` as a child process, and clients that behave worse than browsers.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <chrono>
#include <fstream>
#include <memory>

#include "tests/support/places.h"
#include "tests/tools/command_testing.h"

namespace hdecomp::serve_testing {

using namespace command_testing;

/// Starts on a free port; a test that ends kills it.
class ServerProcess {
 public:
  /// `more`: further arguments; without --model the small bundled one is served.
  explicit ServerProcess(const Args& more = {}) {
    signal(SIGPIPE, SIG_IGN);  // httplib's client writes to servers that hung up
    int out[2], err[2];
    if (pipe(out) != 0 || pipe2(err, O_NONBLOCK) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves no server
      dup2(out[1], STDOUT_FILENO);
      dup2(err[1], STDERR_FILENO);
      ::close(out[0]);
      ::signal(SIGINT, SIG_DFL);  // a shell's background jobs are born ignoring it
      Args args{"serve", "--port", "0", "--device", "cpu"};
      args.insert(args.end(), more.begin(), more.end());
      args = with_small_model(std::move(args));
      args.insert(args.begin(), command_path());
      std::vector<char*> given;
      for (std::string& arg : args) given.push_back(arg.data());
      given.push_back(nullptr);
      execv(command_path(), given.data());
      _exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    err_ = err[0];
    std::string line;
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(out[0]);
    const size_t colon = line.rfind(':');
    if (colon != std::string::npos) port_ = std::atoi(line.c_str() + colon + 1);
    EXPECT_TRUE(line.starts_with("hdecomp serves http://")) << line;
  }
  ~ServerProcess() {
    ::close(err_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  bool is_running() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }

  /// What it has said on stderr and was not asked for yet.
  std::string complaints() const {
    usleep(200'000);
    char text[4096];
    const ssize_t count = ::read(err_, text, sizeof text);
    return {text, static_cast<size_t>(std::max<ssize_t>(count, 0))};
  }

  /// Sends a signal; the exit code if the server then ends within ten seconds, else -1.
  int end(int signal) {
    kill(pid_, signal);
    for (int i = 0; i < 200; ++i) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      usleep(50'000);
    }
    return -1;
  }

  /// Resident memory in MiB.
  double memory() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/statm");
    double total = 0, resident = 0;
    status >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  }

  httplib::Client client() const {
    httplib::Client client("127.0.0.1", port_);
    client.set_read_timeout(60);
    return client;
  }

 private:
  pid_t pid_ = -1;
  int err_ = -1;
  int port_ = 0;
};

/// A bare connection.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  bool send(const std::string& bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// Nothing more is sent.
  void finish() { shutdown(socket_, SHUT_WR); }
  /// What comes until the server closes, or for `ms` milliseconds, or `most` bytes.
  std::string receive(int ms, size_t most = std::string::npos) {
    std::string all;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (all.size() < most && std::chrono::steady_clock::now() < deadline) {
      pollfd watched{socket_, POLLIN, 0};
      if (poll(&watched, 1, 50) <= 0) continue;
      char buffer[4096];
      const ssize_t count = recv(socket_, buffer, std::min(sizeof buffer, most - all.size()), 0);
      if (count <= 0) {
        closed_ = true;
        break;
      }
      all.append(buffer, static_cast<size_t>(count));
    }
    return all;
  }
  bool closed() const { return closed_; }

 private:
  int socket_;
  bool closed_ = false;
};

inline std::string host_line(const ServerProcess& server) {
  return joined("Host: localhost:", server.port(), "\r\n");
}

/// A GET with that host and further header lines.
inline std::string request(const ServerProcess& server, const std::string& path,
                           const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\n" + host_line(server) + more + "\r\n";
}

/// "HTTP/1.1 404 Not Found..." as 404; 0 where nothing came.
inline int status_of(const std::string& answer) {
  return answer.size() > 12 ? std::atoi(answer.c_str() + 9) : 0;
}

/// The lines of a streamed explanation.
inline std::vector<Json> parts_of(const std::string& body) {
  std::vector<Json> parts;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) parts.push_back(parse_json(line));
  return parts;
}

inline std::string content_of_file(const std::string& path) {
  const auto bytes = file_testing::read_bytes(path);
  return {bytes.begin(), bytes.end()};
}

/// Tests of one server, which answers all of them.
class ServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<ServerProcess>(); }
  static void TearDownTestSuite() { server.reset(); }

  httplib::Client client_ = server->client();

  Json get_json(const std::string& path, int status = 200) {
    const auto result = client_.Get(path);
    EXPECT_TRUE(result) << path;
    if (!result) return {};
    EXPECT_EQ(result->status, status) << path << result->body;
    return parse_json(result->body);
  }
  std::string error(const std::string& path) {
    return get_json(path, 400)["error"].get<std::string>();
  }
  /// The parts of a streamed answer by their events; of several levels' steps all together.
  Json streamed(const std::string& path) {
    const auto result = client_.Get(path);
    EXPECT_TRUE(result) << path;
    Json all;
    if (!result) return all;
    for (const Json& part : parts_of(result->body)) {
      const std::string event = part["event"];
      if (event == "level" && all.contains(event)) {
        all[event]["steps"].update(part["steps"]);
      } else {
        all[event] = part;
      }
    }
    return all;
  }

  inline static std::unique_ptr<ServerProcess> server;
};

}  // namespace hdecomp::serve_testing
