// One client of the server: reads a request, waits for its answer, writes it, and again. Internal
// to this module; loop's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "net/outgoing_body.hpp"
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
        storing,     // the body's sink is at work
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
    void refuse_slow();
    void begin_writing(http_response response);
    void write_rest();
    void finish_response();
    bool too_slow(std::int64_t now_ms, std::uint64_t bytes) const;
    bool streams_too_slowly(std::int64_t now_ms, std::uint64_t bytes);
    void check_body_rate(std::int64_t now_ms);
    void check_writing_rate(std::int64_t now_ms);

    // server_streams.cpp
    void store(std::string bytes);
    void on_stored(base::result<void> outcome);
    void finish_sink();
    void on_sink_finished(base::result<void> outcome);
    void refuse_for_sink(const base::error& why);
    void fetch();
    void on_piece(base::result<std::string> piece);
    void end_pause();
    // Runs `member` with a later result, unless the connection has gone on without it.
    template <class Result>
    std::function<void(Result)> later(phase expected, void (server_connection::*member)(Result));
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

    std::shared_ptr<body_sink> sink_;          // of the current request
    std::shared_ptr<outgoing_body> outgoing_;  // of the current response
    bool fetching_ = false;                    // the source owes the next piece
    std::int64_t paused_ms_ = 0;               // since when sink or source are at work
    std::uint64_t sent_before_ = 0;            // before what is in out_ and out_body_
    std::uint64_t stretch_start_ = 0;          // bytes moved before this stretch (since_ms_)
};

}  // namespace sluice::net
