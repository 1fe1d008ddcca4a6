// One client of the server: reads a request, waits for its answer, writes it, and again. Internal
// to this module; loop's thread only.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "net/request_reader.hpp"
#include "net/server_core.hpp"
#include "net/transport.hpp"

namespace sluice::net {

class server_connection final : public transport_user,
                                public std::enable_shared_from_this<server_connection> {
  public:
    // `core` outlives the open connection: it closes all before it goes.
    server_connection(server_core& core, std::unique_ptr<transport> stream, peer_address peer,
                      ip_address source);

    void start();
    // Checks the deadlines. May close.
    void tick(std::int64_t now_ms);
    // The answer to request `number`; ignored when that is not the one being handled.
    void answer(std::uint64_t number, http_response response);
    void close();

    // A request was handed over and its answer is not completely written.
    bool owes_answer() const {
        return phase_ == phase::handling || (phase_ == phase::writing && counts_);
    }
    const ip_address& source() const { return source_; }
    server_core::connection_list::iterator place;  // the core's

    void on_open(boost::system::error_code problem) override;
    void on_read(boost::system::error_code problem, std::size_t bytes) override;
    void on_written(boost::system::error_code problem, std::size_t bytes) override;

  private:
    enum class phase {
        greeting,    // TLS is being agreed
        idle,        // nothing of a request arrived
        head,        // part of a head arrived
        continuing,  // "100 Continue" is being written
        body,        // reading the body
        handling,    // the handler owes an answer
        writing,     // the answer is being written
        lingering,   // the answer is out; reading on so that the peer sees it
        closed,
    };

    void enter(phase next);
    void read_more();
    void advance();  // works on what has been read until more is needed
    void take_head();
    void hand_over();
    void refuse(http_response response);
    void begin_writing(http_response response);
    void write_rest();
    void finish_response();
    bool too_slow(std::int64_t now_ms, std::size_t bytes) const;
    std::string_view input() const { return {in_.data() + begin_, end_ - begin_}; }

    server_core& core_;
    std::unique_ptr<transport> stream_;
    const peer_address peer_;
    const ip_address source_;
    request_reader reader_;

    phase phase_ = phase::greeting;
    std::int64_t since_ms_ = 0;  // when this phase began
    std::int64_t heard_ms_ = 0;  // when bytes last moved
    std::uint64_t number_ = 0;   // of the current request on this connection
    bool head_only_ = false;     // the current request is HEAD
    bool close_after_ = false;   // this response is the last one
    bool unread_body_ = false;   // the refused request's body is not read
    bool counts_ = false;        // the response is the handler's, not a refusal

    bool reading_ = false;  // a read is under way: in_ must stay where it is
    std::string in_;        // bytes [begin_, end_) are read and not consumed
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string out_;          // head, and a small body
    std::string out_body_;     // a large body
    std::size_t written_ = 0;  // of both
};

}  // namespace sluice::net
