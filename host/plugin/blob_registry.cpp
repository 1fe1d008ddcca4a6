#include "plugin/blob_registry.hpp"

#include <system_error>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"

namespace sluice::plugin {

namespace {

std::string in_base_36(std::uint64_t number) {
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string text;
    do {
        text.insert(text.begin(), digits[number % 36]);
        number /= 36;
    } while (number > 0);
    return text;
}

// Temporary blobs meet no earlier ones: short ids that are the same in every run.
std::string prefix_of(const blob_options& options) {
    if (options.folder.empty()) return "b";
    return "b" + in_base_36(static_cast<std::uint64_t>(options.started_ms)) + "-";
}

}  // namespace

blob_registry::blob_registry(blob_options options)
    : options_(std::make_shared<const blob_options>(std::move(options))),
      id_prefix_(prefix_of(*options_)) {}

std::shared_ptr<blob> blob_registry::create(store::event_id execution, std::string content_type) {
    const std::lock_guard lock(mutex_);
    const std::string id = id_prefix_ + in_base_36(++last_id_);
    of_execution& owner = executions_[execution];
    if (!owner.place) owner.place = std::make_shared<blob_place>(options_, execution);
    auto made = std::make_shared<blob>(id, std::move(content_type), owner.place);
    owner.blobs.emplace(id, made);
    ++count_;
    return made;
}

std::shared_ptr<blob> blob_registry::find(store::event_id execution, std::string_view id) const {
    if (count_ > 0) {
        const std::lock_guard lock(mutex_);
        const auto known = executions_.find(execution);
        if (known != executions_.end()) {
            const auto found = known->second.blobs.find(id);
            if (found != known->second.blobs.end()) return found->second;
        }
    }
    auto place = std::make_shared<blob_place>(options_, execution);
    auto facts = place->look_for(id);
    if (!facts.found) return nullptr;
    return std::make_shared<blob>(std::string(id), std::move(facts.content_type), std::move(place),
                                  facts.length);
}

void blob_registry::discard(store::event_id execution, std::shared_ptr<blob> unwanted) {
    {
        const std::lock_guard lock(mutex_);
        unwanted->mark_unwanted();
        const auto known = executions_.find(execution);
        if (known != executions_.end()) {
            count_ -= known->second.blobs.erase(unwanted->id());
            if (known->second.blobs.empty()) executions_.erase(known);
        }
    }
    std::vector<std::shared_ptr<blob>> one;
    one.push_back(std::move(unwanted));
    release(std::move(one));
}

std::vector<std::shared_ptr<blob>> blob_registry::unsettled(store::event_id execution) const {
    std::vector<std::shared_ptr<blob>> list;
    if (count_ == 0 || !durable()) return list;
    const std::lock_guard lock(mutex_);
    const auto known = executions_.find(execution);
    if (known == executions_.end()) return list;
    for (const auto& [id, each] : known->second.blobs) {
        if (each->unsettled()) list.push_back(each);
    }
    return list;
}

void blob_registry::forget(store::event_id execution) { let_go(execution); }

void blob_registry::drop(store::event_id execution) {
    if (!let_go(execution) || !durable()) return;
    if (!options_->run_blocking) return remove(execution);
    const std::lock_guard lock(stopping_);
    if (!stopped_) options_->run_blocking([this, execution] { remove(execution); });
}

bool blob_registry::let_go(store::event_id execution) {
    if (count_ == 0) return false;
    std::vector<std::shared_ptr<blob>> gone;
    {
        const std::lock_guard lock(mutex_);
        const auto known = executions_.find(execution);
        if (known == executions_.end()) return false;
        for (auto& [id, each] : known->second.blobs)
            gone.push_back(std::move(each));
        count_ -= gone.size();
        executions_.erase(known);
    }
    release(std::move(gone));
    return true;
}

// Removing the file of a large unfinished blob takes the disk a while.
void blob_registry::release(std::vector<std::shared_ptr<blob>> unwanted) {
    if (!durable() || !options_->run_blocking) return;
    const std::lock_guard lock(stopping_);
    if (stopped_) return;
    // Behind one more pointer: copies of the work must not keep them for the caller's thread.
    auto list = std::make_shared<std::vector<std::shared_ptr<blob>>>(std::move(unwanted));
    options_->run_blocking([list = std::move(list)] { list->clear(); });
}

void blob_registry::stop() {
    const std::lock_guard lock(stopping_);
    stopped_ = true;
}

void blob_registry::remove(store::event_id execution) {
    if (!durable()) return;
    std::error_code problem;
    std::filesystem::remove_all(blob_folder(options_->folder, execution), problem);
    if (!problem) return;
    base::log(base::log_level::warning, "files of an execution could not be removed",
              {{"execution", base::execution_id_text(execution)}, {"why", problem.message()}});
}

std::vector<store::event_id> blob_registry::stored() const {
    std::vector<store::event_id> list;
    if (!durable()) return list;
    std::error_code problem;
    for (std::filesystem::directory_iterator next(options_->folder, problem), end;
         !problem && next != end; next.increment(problem)) {
        const auto id = base::parse_execution_id(next->path().filename().string());
        if (id) list.push_back(*id);
    }
    return list;
}

void blob_registry::remove_leftovers(store::event_id execution) {
    if (durable()) blob_place(options_, execution).remove_leftovers(id_prefix_);
}

std::size_t blob_registry::count() const { return count_; }

}  // namespace sluice::plugin
