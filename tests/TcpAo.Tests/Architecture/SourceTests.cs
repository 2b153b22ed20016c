using System.Text.RegularExpressions;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Architecture;

/// <summary>What every source file of the product keeps to.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 600;
    private const int MaxBytes = 40 * 1024;

    private static readonly string[] s_beginnings = ["//", "using ", "global using ", "namespace "];

    private static IReadOnlyList<string> Sources => Repository.Files("src", ".cs");

    [Fact]
    public void SourceFile_Any_IsShort() => Assert.All(Sources, path =>
    {
        int lines = Repository.Read(path).Count(c => c == '\n');
        long bytes = new FileInfo(Repository.PathOf(path)).Length;
        Assert.True(lines <= MaxLines && bytes <= MaxBytes, $"{path} has {lines} lines and {bytes} bytes; at most {MaxLines} and {MaxBytes}");
    });

    [Fact]
    public void SourceFile_Any_BeginsWithACommentUsingsOrItsNamespace() => Assert.All(Sources, path =>
    {
        string text = Repository.Read(path);
        Assert.True(s_beginnings.Any(beginning => text.StartsWith(beginning, StringComparison.Ordinal)), $"{path} begins otherwise");
    });

    [Fact]
    public void SourceFile_Any_HasTheNamespaceOfItsFolder() => Assert.All(Sources, path =>
    {
        string expected = Path.GetDirectoryName(path)!.Replace('\\', '/')["src/".Length..].Replace('/', '.');
        IEnumerable<string> namespaces = Namespace().Matches(Repository.Read(path)).Select(match => match.Value.TrimEnd());
        Assert.True(namespaces.SequenceEqual([$"namespace {expected};"], StringComparer.Ordinal), $"{path} is to have one namespace, {expected}, for the whole file");
    });

    [Fact]
    public void NativeCall_Anywhere_IsDeclaredInTheInteropFolder() => Assert.All(
        Sources.Where(path => !path.StartsWith("src/TcpAo.Linux/Interop/", StringComparison.Ordinal)),
        path => Assert.False(NativeImport().IsMatch(Repository.Read(path)), $"{path} declares a native call"));

    [Theory]
    [InlineData("[LibraryImport(\"libc\", SetLastError = true)]", true)]
    [InlineData("    [DllImport (\"libc\")]", true)]
    [InlineData("[SuppressGCTransition, System.Runtime.InteropServices.DllImport(\"libc\")]", true)]
    [InlineData("[LibraryImportAttribute(\"libc\")]", true)]
    [InlineData("/// Calls what <see cref=\"LibraryImportAttribute\"/> made.", false)]
    [InlineData("// every [LibraryImport] sits in Interop", false)]
    public void NativeImport_InALine_IsRecognized(string line, bool expected) => Assert.Equal(expected, NativeImport().IsMatch(line));

    [GeneratedRegex(@"^[ \t]*namespace\b.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\[[^\]\n]*\b(DllImport|LibraryImport)(Attribute)?\s*\(", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex NativeImport();
}
