using Xunit.v3;

namespace TcpAo.Tests.Conformance;

/// <summary>
/// The requirements of <c>spec/requirements.yaml</c> that a test proves. It is a trait: <c>--filter-trait "Requirement=R-083"</c> runs the
/// tests of one. Written with the ids themselves, not with constants: the table in <c>docs/conformance.md</c> is made from the source.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class RequirementAttribute(params string[] ids) : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<string> Ids { get; } = ids;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [.. Ids.Select(id => KeyValuePair.Create("Requirement", id))];
}
