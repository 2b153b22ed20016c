using System.Text.Json.Serialization;

namespace TcpAo.Hosting.KeyStores.Etcd;

/// <summary>
/// The messages of etcd's JSON gateway, 3.4 and later (etcd's api/etcdserverpb/rpc.proto): bytes are base64, 64-bit numbers are strings, what is zero is left out.
/// </summary>
internal static class EtcdMessages
{
    internal sealed record Header(long Revision);

    internal sealed record Entry(byte[] Key, byte[]? Value, long ModRevision);

    internal sealed record Range(byte[] Key, byte[]? RangeEnd);

    internal sealed record RangeAnswer(Header? Header, Entry[]? Kvs);

    internal sealed record Put(byte[] Key, byte[] Value, long Lease);

    internal sealed record PutAnswer(Header? Header);

    internal sealed record Comparison(byte[] Key, long ModRevision)
    {
        public string Target { get; init; } = "MOD";

        public string Result { get; init; } = "EQUAL";
    }

    internal sealed record Operation(Put RequestPut);

    internal sealed record Transaction(Comparison[] Compare, Operation[] Success);

    internal sealed record TransactionAnswer(Header? Header, bool Succeeded);

    internal sealed record Watch(WatchCreate CreateRequest);

    internal sealed record WatchCreate(byte[] Key, byte[]? RangeEnd, long StartRevision);

    internal sealed record WatchLine(WatchAnswer? Result, Failure? Error);

    internal sealed record WatchAnswer(Header? Header, bool Canceled, string? CancelReason, long CompactRevision, Change[]? Events);

    internal sealed record Change(string? Type, Entry? Kv);

    internal sealed record Lease([property: JsonPropertyName("ID")] long Id, [property: JsonPropertyName("TTL")] long Life);

    internal sealed record KeepAliveLine(Lease? Result);

    internal sealed record Login(string Name, string Password);

    internal sealed record LoginAnswer(string? Token);

    internal sealed record Failure(int Code, string? Message);
}
