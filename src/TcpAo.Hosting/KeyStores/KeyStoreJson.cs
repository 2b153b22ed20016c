using System.Text.Json;
using System.Text.Json.Serialization;

namespace TcpAo.Hosting.KeyStores;

/// <summary>The JSON of what is in the store and in its cache: kebab-case, strict.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ChainDocument))]
[JsonSerializable(typeof(HostDocument))]
[JsonSerializable(typeof(CacheDocument))]
[JsonSerializable(typeof(StoredChain))]
internal sealed partial class KeyStoreJson : JsonSerializerContext;
