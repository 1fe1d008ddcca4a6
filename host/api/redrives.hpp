// Many executions replayed or resumed, one after the other, no faster than asked for. A redrive is
// known as long as this host runs: after a restart what is left is asked for again; those that went
// on are not dead any more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "api/call.hpp"
#include "api/ports.hpp"

namespace sluice::api {

// Loop thread.
class redrives {
  public:
    explicit redrives(const api_ports& ports) : ports_(ports) {}

    // {"action": "replay" | "resume", "version", the filters of the list, "limit" (1 to 10000),
    // "rate" (a second, up to 100), "dryRun"}. Oldest first.
    void start(const call& what, const answer_function& answer);
    // Those that the caller has started; an unbound token sees all.
    void list(const call& what, const answer_function& answer) const;
    void show(const call& what, const answer_function& answer) const;
    // What has begun goes on; nothing more is begun.
    void stop(const call& what, const answer_function& answer);

  private:
    struct job;
    using job_ptr = std::shared_ptr<job>;

    job_ptr find(const call& what) const;
    void collect(const job_ptr& of, const answer_function& answer);
    void next(const job_ptr& of);
    void redrive(const job_ptr& of, const store::execution_detail& one);
    void told(const job_ptr& of, store::event_id id, const base::result<std::string>& outcome);
    static json::value json_of(const job& of);

    const api_ports& ports_;
    std::map<std::string, job_ptr> jobs_;  // by id; the last hundred
};

}  // namespace sluice::api
