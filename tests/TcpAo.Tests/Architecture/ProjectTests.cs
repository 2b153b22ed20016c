using System.Xml.Linq;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Architecture;

/// <summary>
/// The rooms and what each may refer to: <c>Cli → Hosting → Linux → TcpAo</c>, and nothing points back. Read from the project files,
/// so that a room that does not exist yet is held to its rule from its first day.
/// </summary>
public sealed class ProjectTests
{
    private const string Unsafe = "AllowUnsafeBlocks";

    /// <summary>For each room: the rooms below it, the packages and the shared frameworks that it may use.</summary>
    private static readonly Dictionary<string, Room> s_rooms = new(StringComparer.Ordinal)
    {
        ["TcpAo"] = new([], [], []),
        ["TcpAo.Linux"] = new(["TcpAo"], [], []),
        ["TcpAo.Hosting"] = new(["TcpAo", "TcpAo.Linux"], ["YamlDotNet", "OpenTelemetry*"], ["Microsoft.AspNetCore.App"]),
        ["TcpAo.Cli"] = new(["TcpAo", "TcpAo.Linux", "TcpAo.Hosting"], ["System.CommandLine", "Spectre.Console"], ["Microsoft.AspNetCore.App"]),
    };

    public static TheoryData<string> Projects => [.. ProjectFiles("src")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_OfSrc_IsARoomInAFolderOfItsName(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        Assert.Contains(name, s_rooms.Keys);
        Assert.Equal($"src/{name}/{name}.csproj", path);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_OfARoom_PointDownOnly(string path)
    {
        Room room = RoomOf(path);
        Assert.All(Includes(path, "ProjectReference").Select(Path.GetFileNameWithoutExtension), other => Assert.Contains(other, room.Below));
        Assert.Empty(Includes(path, "Reference"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Packages_OfARoom_AreThoseOnItsList(string path)
    {
        Room room = RoomOf(path);
        Assert.All(Includes(path, "PackageReference"), package => Assert.True(
            room.Packages.Any(allowed => allowed.EndsWith('*') ? package.StartsWith(allowed[..^1], StringComparison.Ordinal) : string.Equals(package, allowed, StringComparison.Ordinal)),
            $"{path} refers to {package}"));
        Assert.All(Includes(path, "FrameworkReference"), framework => Assert.Contains(framework, room.Frameworks));
    }

    [Fact]
    public void References_OfTheEngineAsBuilt_AreTheBclAlone() =>
        Assert.All(typeof(AoEngine).Assembly.GetReferencedAssemblies(), name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));

    [Fact]
    public void UnsafeBlocks_InAnyProject_AreAllowedToLinuxAndFuzzAlone()
    {
        IEnumerable<string> files = Repository.Files("").Where(path => path.EndsWith("proj", StringComparison.Ordinal) || path.EndsWith(".props", StringComparison.Ordinal) || path.EndsWith(".targets", StringComparison.Ordinal));
        Assert.All(files, path =>
        {
            bool mayAllow = path.StartsWith("src/TcpAo.Linux/", StringComparison.Ordinal) || path.StartsWith("fuzz/", StringComparison.Ordinal);
            bool allows = Elements(path, Unsafe).Any(element => !string.Equals(element.Value.Trim(), "false", StringComparison.OrdinalIgnoreCase));
            Assert.True(mayAllow || !allows, $"{path} sets {Unsafe}");
        });
    }

    [Fact]
    public void Solution_OfTheRepository_HoldsEveryProject()
    {
        string solution = Repository.Read("TcpAo.slnx");
        Assert.All((string[])["src", "tests", "bench"], folder =>
            Assert.All(ProjectFiles(folder), path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal)));
    }

    private static IReadOnlyList<string> ProjectFiles(string folder) => Repository.Files(folder, ".csproj");

    private static Room RoomOf(string path)
    {
        Assert.True(s_rooms.TryGetValue(Path.GetFileNameWithoutExtension(path), out Room? room), $"{path} is no room");
        return room;
    }

    private static IEnumerable<string> Includes(string path, string element) =>
        Elements(path, element).Select(reference => (reference.Attribute("Include") ?? reference.Attribute("Update"))?.Value.Replace('\\', '/') ?? "");

    private static IEnumerable<XElement> Elements(string path, string name) =>
        XDocument.Parse(Repository.Read(path)).Descendants().Where(element => string.Equals(element.Name.LocalName, name, StringComparison.Ordinal));

    private sealed record Room(string[] Below, string[] Packages, string[] Frameworks);
}
