namespace TcpAo.Tests.Conformance;

/// <summary>One requirement of <c>spec/requirements.yaml</c>; <c>spec/README.md</c> says what the fields mean.</summary>
/// <param name="Id">Such as <c>R-083</c>.</param>
/// <param name="Section">The heading that it stands under.</param>
/// <param name="Source">Whose requirement it is, and where it stands there.</param>
/// <param name="Level">How binding it is.</param>
/// <param name="Text">What it demands or says.</param>
/// <param name="Status">implemented, exception, open or not-applicable.</param>
/// <param name="Part">For an open one: the part of the product that it waits for; else empty.</param>
/// <param name="Reason">Why it is not met as it stands, or what is to be known about how it is; may be empty.</param>
internal sealed record CatalogueEntry(string Id, string Section, string Source, string Level, string Text, string Status, string Part, string Reason)
{
    public bool IsImplemented => Status is "implemented";

    public bool IsOpen => Status is "open";

    public bool IsMust => Level is "MUST" or "MUST NOT";
}
