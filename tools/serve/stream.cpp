/// Lines go from the engine's thread to the request's, which sends them.
#include "tools/serve/stream.h"

#include <deque>
#include <optional>

#include "hdecomp/json_writer.h"
#include "tools/serve/faults.h"
#include "tools/serve/refusal.h"

namespace hdecomp::tools {
namespace {

/// Lines made on the engine's thread, for the request's thread to send.
class Lines {
 public:
  void put(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::optional<std::string> take() {
    const std::lock_guard lock(mutex_);
    if (lines_.empty()) return {};
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }

 private:
  std::mutex mutex_;
  std::deque<std::string> lines_;
};

}  // namespace

void stream_parts(EngineRoom& room, const std::string& device, const MakeParts& make,
                  httplib::DataSink& sink) {
  Lines lines;
  bool lost = false;
  const auto watch = [&] {
    while (const auto line = lines.take()) {
      if (!lost && !sink.write(line->data(), line->size())) lost = true;
    }
    return lost || !sink.is_writable();
  };
  const auto tell = [&](int status, const std::string& what) {
    const auto put_members = [&](JsonWriter& json) {
      json.field("event", "error");
      json.field("status", status);
      json.field("error", what);
    };
    const std::string line = json_object(put_members) + "\n";
    if (!lost) sink.write(line.data(), line.size());
  };
  try {
    room.run(device, watch, [&](Engine& engine, Turn& turn) {
      make(engine, turn, [&](std::string line) {
        lines.put(std::move(line));
        turn.wake();
      });
    });
  } catch (const UserError& fault) {
    tell(400, of_parameters(fault.what()));
  } catch (const HttpFault& fault) {
    tell(fault.status, fault.what());
  } catch (const std::exception&) {
    tell(500, "a fault of the server");
  }
}

}  // namespace hdecomp::tools
