using System.Text.Json;
using System.Text.Json.Serialization;

namespace TcpAo.Hosting.Control.Status;

/// <summary>The JSON of the control socket: names in kebab-case, as everywhere.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(HostSnapshot))]
[JsonSerializable(typeof(ReloadPlan))]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(ControlEvent))]
public sealed partial class ControlJson : JsonSerializerContext;
