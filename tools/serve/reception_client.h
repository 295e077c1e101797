/// A client as the reception knows it.
#pragma once

#include <unistd.h>

#include "tools/serve/reception.h"

namespace hdecomp::tools {

struct Reception::Client {
  enum class State { idle, reading, whole, parting, gone };

  Client(Reception& owner, int number) : reception(owner), socket(number) { ++reception.clients_; }
  ~Client() {
    forget_bytes(bytes.size());
    close(socket);
    --reception.clients_;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void forget_bytes(size_t count) {
    bytes.erase(0, count);
    reception.bytes_ -= count;
  }

  Reception& reception;
  int socket;
  State state = State::idle;
  std::string bytes;  // what has come and is not answered
  RequestFrame frame;
  bool was_continued = false;
  int requests = 0;
  Clock::time_point since, deadline;  // of the state
};

}  // namespace hdecomp::tools
