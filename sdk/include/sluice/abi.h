/*
 * Sluice connector ABI 1.0, STABLE. The only thing a connector and the host share.
 *
 * PROMISE. A connector built with 1.x loads in every host of 1.y, y >= x. One built with 1.y loads
 * in an older host of 1.x when its descriptor names no more than that host has: `abi.minor` is the
 * lowest minor it works with, `services.required` what it cannot do without. Nothing in this header
 * moves, goes away or changes its meaning within major 1. docs/abi.md says how it grows and how
 * that is tested.
 *
 * A connector is a shared library that exports one function, sluice_connector_v1, and carries a
 * descriptor: a JSON text in a section named "sluicemd". The host reads the descriptor without
 * loading the library and loads the library when a flow first uses it. The host exports no symbols:
 * everything a connector may call is reached through the tables below.
 *
 * RULES
 *   - C11 or C++20, 64-bit. No C++ types, exceptions, longjmp, bool, enum or bit-field crosses;
 *     only fixed-width integers, pointers and size_t.
 *   - Every struct that may grow starts with `size`, the number of bytes that its maker filled in.
 *     Structs grow at the end only. What is "since 1.0" is always there; read a later member after
 *     SLUICE_HAS(p, member). Who fills in a struct that the other side made (`why` of open) writes
 *     member by member and leaves `size` alone. Arrays carry the size of their items.
 *   - Members named `reserved` and bits without a meaning are 0. A host ignores bits it does not
 *     know: a connector uses those of 1.y when sluice_host.abi_minor is at least y.
 *   - Strings are views: pointer and size, UTF-8 unless said otherwise, no terminating NUL. Nothing
 *     ever has to be freed by the other side: what is passed in is borrowed for as long as the
 *     function's comment says, what is kept is copied.
 *   - A service table is frozen once released; a change gets a new number ("sluice.http/2"). So are
 *     the types of done functions. The structs that pass through them grow like all others.
 *
 * THREADS. Each function is tagged with the thread that may call it:
 *   [any]      any thread, also several at once.
 *   [strand]   the host calls it; calls that belong to one sluice_call never overlap. Different
 *              calls do overlap. Must not block (see SLUICE_ACTION_BLOCKING).
 *   [serial]   the host calls it; nothing else of this connector runs at the same time.
 *   [pool]     the host calls it on its bounded pool of blocking threads. May block.
 *
 * The host never calls back inline from a function of its own: every done function runs later, on
 * the strand of its call. A connector may complete a call from inside `start`.
 *
 * THE END OF A CALL is its first complete() or fail(). What the connector is running for the call
 * at that moment runs on; nothing else of it runs any more: posted functions are dropped, pending
 * operations are given up and their done functions are dropped, and so is what is asked for with
 * the handle later. Whatever such a function would have freed, the connector frees itself. A
 * `blocking` function of work/1 that has begun runs to its end, so its `user` must live as long.
 *
 * AFTER A CANCEL (see sluice_connector.cancel) the call goes on until the connector ends it.
 * Operations that are pending end with SLUICE_CANCELLED, except those that cannot be stopped any
 * more (a state or blob operation, work that has begun), which end with their own outcome.
 * Operations started from then on end with SLUICE_CANCELLED without having begun. post() and log()
 * work as before.
 */
#ifndef SLUICE_ABI_H
#define SLUICE_ABI_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SLUICE_CALL __cdecl
#define SLUICE_VISIBLE __declspec(dllexport)
#else
#define SLUICE_CALL
#define SLUICE_VISIBLE __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define SLUICE_EXPORT extern "C" SLUICE_VISIBLE
extern "C" {
#else
#define SLUICE_EXPORT SLUICE_VISIBLE
#endif

/* The version this header describes. */
#define SLUICE_ABI_MAJOR 1
#define SLUICE_ABI_MINOR 0

/* Name of the one exported function and of the descriptor's section (8 characters: PE cuts). */
#define SLUICE_ENTRY_NAME "sluice_connector_v1"
#define SLUICE_DESCRIPTOR_SECTION "sluicemd"

/* True when the maker of *p knew `member`. */
#define SLUICE_HAS(p, member) \
    ((p)->size >= offsetof(__typeof__(*(p)), member) + sizeof((p)->member))

/* ---- Values --------------------------------------------------------------------------------- */

/* A borrowed view. `data` may be NULL when `size` is 0. Since 1.0. */
typedef struct sluice_str {
    const char* data;
    size_t size;
} sluice_str;

/* One running action. Owned by the host; ends at complete() or fail(). Opaque: a handle kept too
 * long is recognised, counted and ignored by complete() and fail(), never followed. Since 1.0. */
typedef struct sluice_call sluice_call;

/* One large payload. Owned by the host, counted by references (blob service). Since 1.0. */
typedef struct sluice_blob sluice_blob;

/* What kind of failure, in 32 bits; the host decides by it whether a retry makes sense. A number
 * that the reader does not know counts as SLUICE_INTERNAL. Since 1.0. */
typedef uint32_t sluice_code;
#define SLUICE_OK 0u
#define SLUICE_INVALID_INPUT 1u /* the request can never work; not retried                     */
#define SLUICE_AUTH 2u          /* credentials refused; not retried, the connection is marked   */
#define SLUICE_NOT_FOUND 3u     /* the object does not exist; not retried                       */
#define SLUICE_CONFLICT 4u      /* exists already, or changed meanwhile; not retried            */
#define SLUICE_RATE_LIMITED 5u  /* retry after retry_after_ms                                   */
#define SLUICE_UNAVAILABLE 6u   /* network trouble, 5xx; retried                                */
#define SLUICE_TIMEOUT 7u       /* no answer in time; retried                                   */
#define SLUICE_CANCELLED 8u     /* the host asked for it                                        */
#define SLUICE_UNSUPPORTED 9u   /* this connector or host cannot do that; not retried           */
#define SLUICE_INTERNAL 10u     /* a bug in the connector; not retried                          */

/* A failure. Views are borrowed during the function they are passed to. Since 1.0. */
typedef struct sluice_error {
    uint32_t size;
    sluice_code code;
    uint32_t retry_after_ms; /* 0: nothing is known                                             */
    uint32_t http_status;    /* status of the third party's answer; 0: none                     */
    sluice_str message;      /* one sentence for people, without secrets; cut after 16 KiB      */
    sluice_str details_json; /* a JSON object for programs; may be empty                        */
} sluice_error;

/* What an action is asked to do. The struct and all its views live until the call is completed.
 * Since 1.0. */
typedef struct sluice_request {
    uint32_t size;
    uint32_t attempt;           /* 1 for the first try                                          */
    sluice_str input_json;      /* the `with` of the task: a JSON object                        */
    sluice_str connection_json; /* {"type": ..., fields of the connection, secrets included};
                                   empty when the task names none                               */
    sluice_str idempotency_key; /* the same for every attempt of this step, also after a crash;
                                   different for every other step                               */
    int64_t deadline_unix_ms;   /* 0: none                                                      */
    void** slot;                /* one pointer for the connector's use, lives as long as the
                                   call; starts as NULL; written on the strand only, so not by
                                   a blocking action                                            */
} sluice_request;

/* [strand] when it was given to post(), [pool] as `blocking` of work/1 and `close` of session/1;
 * keep() that cannot keep a session runs its `close` on the caller's thread. */
typedef void(SLUICE_CALL* sluice_fn)(void* user);
/* [strand] error is NULL: it worked. */
typedef void(SLUICE_CALL* sluice_done)(void* user, const sluice_error* error);

/* ---- The host, as a connector sees it ------------------------------------------------------- */

#define SLUICE_LOG_DEBUG 0u
#define SLUICE_LOG_INFO 1u
#define SLUICE_LOG_WARNING 2u
#define SLUICE_LOG_ERROR 3u

/* Owned by the host; lives until `close` has returned. Since 1.0. */
typedef struct sluice_host {
    uint32_t size;
    uint32_t abi_minor; /* of the host */
    void* impl;         /* the host's own; do not touch */

    /* [any] The table of a service such as "sluice.http/1" (id ends with NUL), or NULL when this
     * host does not have it. Tables live as long as the host table. Since 1.0. */
    const void*(SLUICE_CALL* service)(const struct sluice_host* host, const char* id);

    /* [any] Ends the call with a result: JSON text, at most 16 MiB, depth at most 512. Exactly one
     * of complete and fail, exactly once, also after a cancel. The text is copied before the
     * function returns. Input views are dead afterwards. Text that is not JSON ends the call as
     * SLUICE_INTERNAL. Since 1.0. */
    void(SLUICE_CALL* complete)(sluice_call* call, sluice_str output_json);

    /* [any] Ends the call with a failure (copied before the function returns). Since 1.0. */
    void(SLUICE_CALL* fail)(sluice_call* call, const sluice_error* error);

    /* [any] Runs fn(user) later on the strand of the call; never after its end. Since 1.0. */
    void(SLUICE_CALL* post)(sluice_call* call, sluice_fn fn, void* user);

    /* [any] Writes a line to the execution's log. `call` may be NULL (the host's log).
     * `fields_json` is a JSON object or empty. Copied before the function returns. Since 1.0. */
    void(SLUICE_CALL* log)(const struct sluice_host* host, sluice_call* call, uint32_t level,
                           sluice_str message, sluice_str fields_json);
} sluice_host;

/* ---- Service "sluice.http/1" ---------------------------------------------------------------- */

#define SLUICE_HTTP_FOLLOW_REDIRECTS 1u /* at most 5; each target is checked like the first */
#define SLUICE_HTTP_BODY_TO_BLOB                                    \
    2u /* the response's body streams into a blob: sealed, of the   \
          response's Content-Type, whatever the status. Limit: what \
          an execution's blobs may take together               */

/* Borrowed during send(). Since http/1. */
typedef struct sluice_http_request {
    uint32_t size;
    uint32_t timeout_ms; /* for everything; 0: what is left of the call's deadline; without one
                            30 s, for requests with a blob 30 s in which the peer is silent */
    sluice_str method;   /* "GET", ...                                                        */
    sluice_str url;      /* http or https, absolute                                           */
    sluice_str headers;  /* "Name: value\r\n" for each; Host and Content-Length are the host's */
    sluice_str body;
    sluice_blob* body_blob; /* instead of body, or NULL: sealed; its bytes stream from the disk. The
                               host keeps a reference until done. Unsealed: SLUICE_CONFLICT      */
    uint32_t flags;
    uint32_t reserved;
} sluice_http_request;

/* Views and blob are borrowed during the done function (retain the blob to keep it).
 * Since http/1. */
typedef struct sluice_http_response {
    uint32_t size;
    uint32_t status;
    sluice_str headers; /* "name: value\r\n" for each, names in lower case                       */
    sluice_str body;
    sluice_blob* body_blob;
} sluice_http_response;

/* Exactly one of error and response is not NULL. Any status is a response. */
typedef void(SLUICE_CALL* sluice_http_done)(void* user, const sluice_error* error,
                                            const sluice_http_response* response); /* [strand] */

typedef struct sluice_http_1 {
    /* [any] Starts a request; done runs exactly once, also for a bad URL or a forbidden address,
     * unless the call ends before. Returns an operation number, never 0. Since http/1. */
    uint64_t(SLUICE_CALL* send)(sluice_call* call, const sluice_http_request* request,
                                sluice_http_done done, void* user);
    /* [any] Asks to give up; done still runs (SLUICE_CANCELLED unless it was too late). Numbers of
     * operations that have ended are ignored. Since http/1. */
    void(SLUICE_CALL* cancel)(sluice_call* call, uint64_t operation);
} sluice_http_1;

/* ---- Service "sluice.blob/1" ---------------------------------------------------------------- */

/* n: bytes read (0: end) or written. */
typedef void(SLUICE_CALL* sluice_io_done)(void* user, const sluice_error* error,
                                          uint64_t n); /* [strand] */

/* A blob is created, written in order, sealed, then read anywhere. JSON carries it as
 * {"$blob": id, "size": bytes, "contentType": type}. Blobs belong to the execution of their call
 * and are kept as long as its record. A call's result is recorded after the blobs that its
 * execution has sealed are durable, so that a blob named there is found by later steps, also after
 * a crash; when that fails, so does the call. What was not sealed goes with the execution's run. */
typedef struct sluice_blob_1 {
    /* [any] A new empty blob; the caller owns one reference. NULL: the call is over. Since
     * blob/1. */
    sluice_blob*(SLUICE_CALL* create)(sluice_call* call, sluice_str content_type);
    /* [any] The blob with that "$blob" id, with one reference for the caller; NULL: unknown to
     * this execution. Since blob/1. */
    sluice_blob*(SLUICE_CALL* find)(sluice_call* call, sluice_str id);
    /* [any] The id for output JSON; lives as long as the blob. Since blob/1. */
    sluice_str(SLUICE_CALL* id)(sluice_blob* blob);
    /* [any] Bytes written so far. Since blob/1. */
    uint64_t(SLUICE_CALL* length)(sluice_blob* blob);
    /* [any] Reads up to n bytes at offset into buffer, which must stay valid until done. Reading
     * an unsealed blob fails with SLUICE_CONFLICT. Since blob/1. */
    void(SLUICE_CALL* read)(sluice_call* call, sluice_blob* blob, uint64_t offset, void* buffer,
                            size_t n, sluice_io_done done, void* user);
    /* [any] Appends n bytes; the buffer must stay valid until done. One write at a time.
     * SLUICE_UNSUPPORTED: the execution's blobs would take more than the host allows;
     * SLUICE_UNAVAILABLE: the disk is full or fails. Since blob/1. */
    void(SLUICE_CALL* write)(sluice_call* call, sluice_blob* blob, const void* buffer, size_t n,
                             sluice_io_done done, void* user);
    /* [any] No more writes; reading may begin. The host makes the blob durable by itself, at the
     * latest before the call's result is recorded. Since blob/1. */
    void(SLUICE_CALL* seal)(sluice_call* call, sluice_blob* blob);
    /* [any] One more reference / one less. Since blob/1. */
    void(SLUICE_CALL* retain)(sluice_blob* blob);
    void(SLUICE_CALL* release)(sluice_blob* blob);
} sluice_blob_1;

/* ---- Service "sluice.state/1" --------------------------------------------------------------- */

/* found: 0 or 1. value: JSON text, borrowed during the done function; empty when not found.
 * version: grows with each change; 0 when not found. */
typedef void(SLUICE_CALL* sluice_state_done)(void* user, const sluice_error* error, uint32_t found,
                                             sluice_str value, uint64_t version); /* [strand] */

/* Small durable values (JSON, at most 256 KiB) that belong to one flow of one instance: cursors,
 * remembered ids. Keys: 1 to 256 bytes. Views are copied before the functions return. */
typedef struct sluice_state_1 {
    /* [any] Since state/1. */
    void(SLUICE_CALL* get)(sluice_call* call, sluice_str key, sluice_state_done done, void* user);
    /* [any] Durable when done runs without error. Since state/1. */
    void(SLUICE_CALL* set)(sluice_call* call, sluice_str key, sluice_str value_json,
                           sluice_done done, void* user);
    /* [any] Sets only when the version is still `expected` (0: must not exist); otherwise
     * SLUICE_CONFLICT. Since state/1. */
    void(SLUICE_CALL* compare_and_set)(sluice_call* call, sluice_str key, uint64_t expected,
                                       sluice_str value_json, sluice_done done, void* user);
    /* [any] Removing what is not there works. Since state/1. */
    void(SLUICE_CALL* remove)(sluice_call* call, sluice_str key, sluice_done done, void* user);
} sluice_state_1;

/* ---- Service "sluice.work/1" ---------------------------------------------------------------- */

typedef struct sluice_work_1 {
    /* [any] Runs blocking(user) on the connector's bounded pool [pool], then done(user, NULL) on
     * the strand. A full queue ends with done(SLUICE_UNAVAILABLE) without running it.
     * A call that ends while its work is pending ends a race: `blocking` may not run at all, run
     * already, or begin at that very moment on the pool, even just after complete() or fail()
     * returned; done is dropped in each case. So complete a call from `done` of its last work, or
     * let `blocking` and the call's end share the ownership of `user`; never free it at the end of
     * the call alone. Since work/1. */
    void(SLUICE_CALL* run)(sluice_call* call, sluice_fn blocking, sluice_done done, void* user);
} sluice_work_1;

/* ---- Service "sluice.timer/1" --------------------------------------------------------------- */

typedef struct sluice_timer_1 {
    /* [any] done runs after delay_ms, or earlier with SLUICE_CANCELLED. Returns an operation
     * number, never 0. Since timer/1. */
    uint64_t(SLUICE_CALL* after)(sluice_call* call, uint64_t delay_ms, sluice_done done,
                                 void* user);
    /* [any] Asks to give up; done still runs. Numbers of operations that have ended are ignored.
     * Since timer/1. */
    void(SLUICE_CALL* cancel)(sluice_call* call, uint64_t operation);
} sluice_timer_1;

/* ---- Service "sluice.clock/1" --------------------------------------------------------------- */

typedef struct sluice_clock_1 {
    /* [any] The time of day by the host's clock, in milliseconds since 1970-01-01T00:00:00Z. It may
     * jump; measure durations with the timer service. Since clock/1. */
    int64_t(SLUICE_CALL* unix_ms)(const sluice_host* host);
} sluice_clock_1;

/* ---- Service "sluice.session/1" ------------------------------------------------------------- */

/* What a connector would like to use again in its next call: a login, an open connection. The host
 * keeps idle ones apart by instance, by the values of the connection and by key, and ends them when
 * nobody wants them. A session is a pointer of the connector's; the host never looks behind it. It
 * belongs to the cache from keep() until take() gives it out or `close` runs: to one call at a
 * time.
 *
 * The host closes an idle session [pool] after idle_ms, when there are too many (the one that has
 * waited longest goes first: 8 with one key of one connection, 256 of one connector), all of a
 * connection when a call with it ended with SLUICE_AUTH (but for verifiers), and all before the
 * connector's `close`. `close` runs exactly once for each session that was kept and not taken
 * since. */
typedef struct sluice_session_1 {
    /* [any] The session that was kept last with this key in an earlier call with the same
     * connection of the same instance; it is the caller's now. NULL: there is none, or the call is
     * over. Keys: up to 256 bytes. Since session/1. */
    void*(SLUICE_CALL* take)(sluice_call* call, sluice_str key);
    /* [any] Gives a session to the host, for at most idle_ms (more than ten minutes is ten
     * minutes). Not a broken one: close that yourself. When the call is over, or the key too long,
     * `close` runs before this function returns, on the caller's thread. Since session/1. */
    void(SLUICE_CALL* keep)(sluice_call* call, sluice_str key, void* session, uint64_t idle_ms,
                            sluice_fn close);
} sluice_session_1;

/* ---- The connector, as the host sees it ----------------------------------------------------- */

/* `start` may block: it runs on the connector's bounded pool [pool] instead of the strand. */
#define SLUICE_ACTION_BLOCKING 1u

/* Since 1.0. */
typedef struct sluice_action {
    const char* id; /* ends with NUL, at most 64 bytes; the same id as in the descriptor */
    uint32_t flags;
    uint32_t reserved;
    /* [strand], or [pool] with SLUICE_ACTION_BLOCKING. Starts the action; the call may complete
     * inside or at any later time. Since 1.0. */
    void(SLUICE_CALL* start)(void* self, sluice_call* call, const sluice_request* request);
} sluice_action;

/* Static, lives as long as the library. Since 1.0. */
typedef struct sluice_connector {
    uint32_t size;
    uint32_t abi_minor; /* SLUICE_ABI_MINOR of the connector's build */
    uint32_t action_count;
    uint32_t action_size; /* sizeof(sluice_action) in the connector's build */
    const sluice_action* actions;
    const char* id; /* ends with NUL, at most 64 bytes; the same id as in the descriptor */

    /* [serial] Called once after loading, on a thread that may block, and again only after a
     * failure or after `close`: the same library may be opened anew, with another host table. Sets
     * *self. On failure returns a code and may fill in the members of `why` (the host's struct,
     * zeroed, its `size` set), whose views must then live until the next call into the connector.
     * Tried again later. Since 1.0. */
    sluice_code(SLUICE_CALL* open)(const sluice_host* host, void** self, sluice_error* why);

    /* [serial] No call is alive, no session is open. On a thread that may block. Since 1.0. */
    void(SLUICE_CALL* close)(void* self);

    /* [strand] The host would like the call to end soon (deadline, shutdown, a person). AFTER A
     * CANCEL, above, says what becomes of its host operations; the connector still completes the
     * call. May be NULL. `slot` is the value kept in request->slot. Since 1.0. */
    void(SLUICE_CALL* cancel)(void* self, sluice_call* call, void* slot);
} sluice_connector;

/* The exported function. Called once after loading [serial]. Never returns NULL. */
typedef const sluice_connector*(SLUICE_CALL* sluice_entry)(void);

#ifdef __cplusplus
}
#endif

/* Puts a JSON literal into the descriptor's section (plain C connectors; with CMake,
 * sluice_add_connector does it). `used` and `retain` keep the linker from dropping it. */
#if defined(_WIN32) || !defined(__has_attribute)
#define SLUICE_RETAIN
#elif __has_attribute(retain)
#define SLUICE_RETAIN , retain
#else
#define SLUICE_RETAIN
#endif
#define SLUICE_DESCRIPTOR(text)                        \
    __attribute__((section(SLUICE_DESCRIPTOR_SECTION), \
                   used SLUICE_RETAIN)) static const char sluice_descriptor_text[] = text

#endif /* SLUICE_ABI_H */
