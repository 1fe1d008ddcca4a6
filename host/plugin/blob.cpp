#include "plugin/blob.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "json/text.hpp"

namespace sluice::plugin {

blob::blob(std::string id, std::string content_type, std::shared_ptr<blob_place> place)
    : id_(std::move(id)), content_type_(std::move(content_type)), place_(std::move(place)) {}

blob::blob(std::string id, std::string content_type, std::shared_ptr<blob_place> place,
           std::uint64_t length)
    : id_(std::move(id)),
      content_type_(std::move(content_type)),
      place_(std::move(place)),
      length_(length),
      sealed_(true),
      durable_(true) {}

blob::~blob() {
    if (durable_ && !unwanted_) return;
    const bool named = durable_ || file_.is_open();
    file_.close();
    if (named) place_->remove(id_);
    place_->give_back(taken_);
}

bool blob::append_blocks(std::size_t bytes) const {
    return in_file_ || length_ + bytes > place_->memory_limit();
}

base::result<void> blob::append(std::string_view bytes) {
    const std::lock_guard writing(writing_);
    if (sealed_) {
        return base::make_error(base::error_code::conflict, "blob " + id_ + " is sealed");
    }
    if (bytes.empty()) return {};
    if (auto allowed = place_->take(bytes.size()); !allowed) return allowed;
    taken_ += bytes.size();
    if (!in_file_ && append_blocks(bytes.size())) {
        if (auto spilled = spill(); !spilled) return spilled;
    }
    if (in_file_) {
        if (auto written = write_at(file_.get(), bytes, length_); !written) return written;
    } else {
        const std::lock_guard lock(mutex_);
        memory_.append(bytes);
    }
    length_ += bytes.size();
    return {};
}

// What is in memory stays readable until it is in the file.
base::result<void> blob::spill() {
    auto made = place_->make_file(id_);
    if (!made) return made.error_value();
    auto written = write_at(made->get(), memory_, 0);
    const std::lock_guard lock(mutex_);
    file_ = std::move(*made);  // also when it failed: so that it is removed
    if (!written) return written;
    in_file_ = true;
    memory_ = {};
    return {};
}

base::result<void> blob::make_durable() {
    const std::lock_guard writing(writing_);
    if (!sealed_) {
        return base::make_error(base::error_code::conflict, "blob " + id_ + " is not sealed yet");
    }
    if (durable_ || !place_->durable()) return {};
    if (!in_file_) {
        if (auto spilled = spill(); !spilled) return spilled;
    }
    if (auto named = place_->publish(file_.get(), id_, content_type_); !named) return named;
    const std::lock_guard lock(mutex_);
    durable_ = true;
    // Many executions may hold blobs: none keeps a descriptor open.
    file_.close();
    return {};
}

base::result<std::size_t> blob::read(std::uint64_t offset, char* out, std::size_t size) const {
    if (!sealed_) {
        return base::make_error(base::error_code::conflict, "blob " + id_ + " is not sealed yet");
    }
    const std::uint64_t length = length_;
    if (offset >= length) return std::size_t{0};
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, length - offset));
    {
        const std::lock_guard lock(mutex_);
        if (in_file_ && !durable_) return read_at(file_.get(), out, size, offset);
        if (!durable_) {
            std::memcpy(out, memory_.data() + offset, size);
            return size;
        }
    }
    auto opened = place_->open_sealed(id_);
    if (!opened) return opened.error_value();
    auto got = read_at(opened->get(), out, size, offset);
    if (got && *got < size) {
        return base::make_error(base::error_code::unavailable,
                                "the file of blob " + id_ + " is shorter than it was");
    }
    return got;
}

json::value blob::to_json() const {
    return json::value::object(
        {{"$blob", id_}, {"size", length()}, {"contentType", content_type_}});
}

std::string blob::to_json_text() const { return json::to_text(to_json()); }

}  // namespace sluice::plugin
