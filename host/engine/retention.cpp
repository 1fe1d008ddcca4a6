#include "engine/retention.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace sluice::engine {

retention::retention(retention_ports ports, retention_options options)
    : ports_(std::move(ports)), options_(options) {}

retention::~retention() {
    *alive_ = false;
    if (timer_ != 0) ports_.loop.cancel(timer_);
}

template <class Result>
void retention::aside(std::function<Result()> work, std::function<void(Result)> after) {
    ports_.run_blocking(
        [&loop = ports_.loop, alive = alive_, work = std::move(work), after = std::move(after)] {
            auto outcome = std::make_shared<Result>(work());
            loop.post([alive, after, outcome] {
                if (*alive) after(std::move(*outcome));
            });
        });
}

void retention::start(std::vector<store::event_id> folders) {
    clean(std::move(folders));
    if (options_.keep_ms > 0) search(0);
}

void retention::clean(std::vector<store::event_id> folders) {
    if (folders.empty()) return;
    ports_.run_blocking([&store = ports_.store, blobs = ports_.blobs, list = std::move(folders)] {
        const auto unknown = store.unknown_of(list);
        // Rather keep files that nobody needs than remove one that somebody does.
        if (!unknown) {
            base::log(base::log_level::warning, "left-over files could not be looked for",
                      {{"why", unknown.error_value().to_text()}});
            return;
        }
        for (const store::event_id id : *unknown)
            blobs->remove(id);
        for (const store::event_id id : list)
            blobs->remove_leftovers(id);
    });
}

void retention::search(store::event_id after) {
    using page = base::result<store::ended_page>;
    const std::int64_t before = ports_.clock.unix_ms() - options_.keep_ms;
    aside<page>([&store = ports_.store, before, after,
                 limit = options_.page] { return store.ended_before(before, after, limit); },
                [this](page got) {
                    if (got) return found(*got);
                    base::log(base::log_level::warning, "old executions could not be looked for",
                              {{"why", got.error_value().to_text()}});
                    later();
                });
}

void retention::found(const store::ended_page& page) {
    if (!page.ids.empty()) return remove(page.ids, page.next);
    if (page.next != 0) return search(page.next);
    later();
}

void retention::remove(std::vector<store::event_id> ids, store::event_id next) {
    using removed_ids = base::result<std::vector<store::event_id>>;
    ports_.store.remove(
        ids, [this, &loop = ports_.loop, alive = alive_, ids, next](removed_ids gone) {
            loop.post([this, alive, ids, next, gone = std::move(gone)] {
                if (!*alive) return;
                if (!gone) {
                    base::log(base::log_level::warning, "old executions could not be removed",
                              {{"why", gone.error_value().to_text()}});
                    return later();
                }
                removed_ += gone->size();
                std::vector<store::event_id> left;
                std::ranges::copy_if(ids, std::back_inserter(left), [&](store::event_id id) {
                    return std::ranges::find(*gone, id) == gone->end();
                });
                // The rows are gone for good: now the files may go. A crash in between leaves
                // folders without an execution, which the next start removes.
                aside<bool>(
                    [blobs = ports_.blobs, list = *gone] {
                        for (const store::event_id id : list)
                            blobs->remove(id);
                        return true;
                    },
                    [this, left, next](bool) {
                        if (!left.empty()) return remove(left, next);
                        next == 0 ? later() : search(next);
                    });
            });
        });
}

void retention::later() {
    timer_ = ports_.loop.run_after(options_.every_ms, [this] {
        timer_ = 0;
        search(0);
    });
}

}  // namespace sluice::engine
