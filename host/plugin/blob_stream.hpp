// Bodies of HTTP messages out of blobs and into blobs, piece by piece.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/event_loop.hpp"
#include "base/thread.hpp"
#include "net/body_stream.hpp"
#include "plugin/blob_registry.hpp"

namespace sluice::plugin {

// What streams work on. Pool and loop outlive their work; streams themselves may go later.
struct blob_access {
    std::shared_ptr<blob_registry> blobs;
    base::blocking_pool& io;
    base::event_loop& loop;
};

// On the pool; inline when it takes no more.
void run_on(base::blocking_pool& pool, std::function<void()> work);

// The bytes of a sealed blob. Loop thread.
std::shared_ptr<net::body_source> make_blob_source(blob_access access,
                                                   std::shared_ptr<const blob> from);

// Writes a body into a new blob of the execution; finish() seals it and makes it durable. Unless
// somebody takes it then, it is discarded with the sink. Loop thread.
class blob_sink final : public net::body_sink, public std::enable_shared_from_this<blob_sink> {
  public:
    blob_sink(blob_access access, store::event_id execution, std::string content_type);
    ~blob_sink() override;

    void write(std::string bytes, done_function done) override;
    void finish(done_function done) override;

    // After finish(): the blob, whole and durable, which is the caller's from now on. Once.
    std::shared_ptr<blob> take() { return std::exchange(target_, nullptr); }

  private:
    blob_access access_;
    const store::event_id execution_;
    std::shared_ptr<blob> target_;
};

// Makes sealed blobs durable on the pool; `done` runs once, later, on the loop, with the first
// error. Any thread.
void make_durable(blob_access access, std::vector<std::shared_ptr<blob>> blobs,
                  std::function<void(base::result<void>)> done);

}  // namespace sluice::plugin
