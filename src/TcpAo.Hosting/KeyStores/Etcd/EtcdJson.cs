using System.Text.Json.Serialization;

namespace TcpAo.Hosting.KeyStores.Etcd;

/// <summary>The JSON of etcd's gateway.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    PropertyNameCaseInsensitive = true,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EtcdMessages.Range))]
[JsonSerializable(typeof(EtcdMessages.RangeAnswer))]
[JsonSerializable(typeof(EtcdMessages.Put))]
[JsonSerializable(typeof(EtcdMessages.PutAnswer))]
[JsonSerializable(typeof(EtcdMessages.Transaction))]
[JsonSerializable(typeof(EtcdMessages.TransactionAnswer))]
[JsonSerializable(typeof(EtcdMessages.Watch))]
[JsonSerializable(typeof(EtcdMessages.WatchLine))]
[JsonSerializable(typeof(EtcdMessages.Lease))]
[JsonSerializable(typeof(EtcdMessages.KeepAliveLine))]
[JsonSerializable(typeof(EtcdMessages.Login))]
[JsonSerializable(typeof(EtcdMessages.LoginAnswer))]
[JsonSerializable(typeof(EtcdMessages.Failure))]
internal sealed partial class EtcdJson : JsonSerializerContext;
