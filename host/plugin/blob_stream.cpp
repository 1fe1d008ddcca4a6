#include "plugin/blob_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice::plugin {

namespace {

constexpr std::size_t piece_size = 256u << 10;

class blob_source final : public net::body_source {
  public:
    blob_source(blob_access access, std::shared_ptr<const blob> from)
        : access_(access), from_(std::move(from)), length_(from_->length()) {}

    std::optional<std::uint64_t> length() const override { return length_; }
    bool rewind() override {
        offset_ = 0;
        return true;
    }
    void read(piece_function done) override {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(length_ - offset_, piece_size));
        const auto take = [from = from_, at = std::exchange(offset_, offset_ + size), size,
                           &loop = access_.loop, done = std::move(done)] {
            auto piece = std::make_shared<base::result<std::string>>(std::string(size, '\0'));
            auto got = from->read(at, (*piece)->data(), size);
            if (!got) *piece = std::move(got).error_value();
            loop.post([piece, done] { done(std::move(*piece)); });
        };
        if (from_->in_memory()) return take();
        run_on(access_.io, take);
    }

  private:
    blob_access access_;
    const std::shared_ptr<const blob> from_;
    const std::uint64_t length_;
    std::uint64_t offset_ = 0;
};

}  // namespace

void run_on(base::blocking_pool& pool, std::function<void()> work) {
    if (!pool.submit(work)) work();
}

std::shared_ptr<net::body_source> make_blob_source(blob_access access,
                                                   std::shared_ptr<const blob> from) {
    return std::make_shared<blob_source>(access, std::move(from));
}

blob_sink::blob_sink(blob_access access, store::event_id execution, std::string content_type)
    : access_(access),
      execution_(execution),
      target_(access_.blobs->create(execution, std::move(content_type))) {}

blob_sink::~blob_sink() {
    if (target_) access_.blobs->discard(execution_, std::move(target_));
}

void blob_sink::write(std::string bytes, done_function done) {
    const bool blocks = target_->append_blocks(bytes.size());
    auto work = [to = target_, &loop = access_.loop, done = std::move(done),
                 kept = std::make_shared<std::string>(std::move(bytes))] {
        auto outcome = to->append(*kept);
        kept->clear();
        loop.post([done, outcome = std::move(outcome)] { done(outcome); });
    };
    if (!blocks) return work();
    run_on(access_.io, std::move(work));
}

void blob_sink::finish(done_function done) {
    target_->seal();
    std::vector<std::shared_ptr<blob>> one;
    one.push_back(target_);
    make_durable(access_, std::move(one),
                 [self = shared_from_this(), done = std::move(done)](base::result<void> durable) {
                     done(std::move(durable));
                 });
}

void make_durable(blob_access access, std::vector<std::shared_ptr<blob>> blobs,
                  std::function<void(base::result<void>)> done) {
    run_on(access.io, [&loop = access.loop, list = std::move(blobs), done = std::move(done)] {
        base::result<void> outcome;
        for (const auto& each : list) {
            auto durable = each->make_durable();
            if (!durable && outcome) outcome = std::move(durable);
        }
        loop.post([done, outcome = std::move(outcome)] { done(outcome); });
    });
}

}  // namespace sluice::plugin
